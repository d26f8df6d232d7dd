import { HeadraceError, messageOf } from '@headrace/service-kit';
import type { Kafka, Producer } from 'kafkajs';
import { afterFormerTransaction } from './after-former-transaction.js';
import type { ProduceRequest } from './encode-events.js';
import { stablePartitioner } from './partitioner.js';
import { UNREPEATED } from './publisher.js';
import { refusalOf } from './refusals.js';
import { isTooLarge } from './too-large.js';

/** A killed publisher holds readers of what it wrote back no longer than this, ms. */
const TRANSACTION_TIMEOUT_MS = 15_000;

/**
 * One transaction under an exclusive id: 1. InitProducerId, which fences whoever held the id and ends what it left open; 2. `decide`, which
 * so reads the final state; 3. the writes; 4. the commit. A kill before 4 leaves nothing, and after it everything.
 * @throws HeadraceError UNAVAILABLE before anything was written, INPUT_INVALID when a record is too large, FENCED when the outcome is not known
 */
export async function publishInTransaction(
  kafka: Kafka,
  id: string,
  decide: () => Promise<readonly ProduceRequest[]>,
): Promise<void> {
  const producer = kafka.producer({
    transactionalId: id,
    ...UNREPEATED,
    maxInFlightRequests: 1,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    createPartitioner: stablePartitioner,
  });
  try {
    const transaction = await begin(producer, id);
    const requests = await decide();
    if (requests.length === 0) return;
    await write(transaction, requests, id);
  } finally {
    // An open transaction is aborted by the next InitProducerId, or by its timeout.
    await producer.disconnect().catch(() => undefined);
  }
}

type Transaction = Awaited<ReturnType<Producer['transaction']>>;

async function begin(producer: Producer, id: string): Promise<Transaction> {
  try {
    await producer.connect();
    return await producer.transaction();
  } catch (error) {
    const what = `Cannot take transactional id ${id}`;
    throw refusalOf(what, error) ?? new HeadraceError('UNAVAILABLE', `${what}: ${messageOf(error)}`, { cause: error });
  }
}

async function write(transaction: Transaction, requests: readonly ProduceRequest[], id: string): Promise<void> {
  try {
    for (const topicMessages of requests)
      await afterFormerTransaction(() => transaction.sendBatch({ topicMessages, acks: -1 }));
    await transaction.commit();
  } catch (error) {
    await transaction.abort().catch(() => undefined);
    // Refused before the commit, so nothing of it will ever be seen.
    if (isTooLarge(error))
      throw new HeadraceError('INPUT_INVALID', `A record is larger than its topic takes: ${messageOf(error)}`, {
        cause: error,
      });
    const outputs = new Set(requests.flat().map(({ topic }) => topic));
    const what = `Transaction of ${id}, writing to ${[...outputs].join(', ')}`;
    throw (
      refusalOf(what, error) ??
      new HeadraceError('FENCED', `${what}, failed: ${messageOf(error)}`, { cause: error, retry: 'now' })
    );
  }
}
