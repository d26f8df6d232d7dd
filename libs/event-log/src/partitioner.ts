import kafkajs, { type ICustomPartitioner, type Message } from 'kafkajs';

/**
 * murmur2 of the key, as the Java client does; of the event's id where there is no key. kafkajs asks again on every retry, and
 * loses records when its answer changes, which its own round robin of records without a key does.
 * It also drops records for a partition that it does not know, and reports success: such a one waits for fresh metadata here, then fails.
 */
export const stablePartitioner: ICustomPartitioner = () => {
  const byKey = kafkajs.Partitioners.DefaultPartitioner();
  return ({ topic, partitionMetadata, message }) => {
    const { partition } = message;
    if (partition === undefined || partition === null)
      return byKey({ topic, partitionMetadata, message: { ...message, key: message.key ?? idOf(message) } });
    if (partitionMetadata.some(({ partitionId }) => partitionId === partition)) return partition;
    const unknown = new kafkajs.KafkaJSError(`Topic ${topic} has no partition ${partition}`);
    // By this name kafkajs knows that metadata is to be fetched before it tries again.
    throw Object.assign(unknown, { name: 'KafkaJSMetadataNotLoaded' });
  };
};

function idOf({ headers }: Message): string {
  return String(headers?.['ce_id'] ?? '');
}
