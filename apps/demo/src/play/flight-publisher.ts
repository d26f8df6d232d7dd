import type { Kafka, Message, Producer } from 'kafkajs';
import type { FlightEvent } from '../data/timeline.js';
import { readLastProgress, SampleMismatch } from './read-progress.js';
import type { AvroCodec } from './schema-registry.js';
import { featuresSchema, labelsSchema, type FlightTopics } from './topics.js';

type Encode = (value: unknown) => Buffer;

/**
 * Writes slices of the timeline, each with the position after it in one transaction: killed at any point, the next start
 * finds the position of the last committed slice and no event is lost or doubled.
 */
export class FlightPublisher {
  private constructor(
    private readonly producer: Producer,
    private readonly encodeFeatures: Encode,
    private readonly encodeLabel: Encode,
    private readonly topics: FlightTopics,
    private readonly sample: string,
    /** Events of the timeline that are in the topics. */
    readonly startPosition: number,
  ) {}

  /** @throws SampleMismatch */
  static async open(kafka: Kafka, codec: AvroCodec, topics: FlightTopics, sample: string): Promise<FlightPublisher> {
    const features = await codec.encoder(topics.features, featuresSchema);
    const labels = await codec.encoder(topics.labels, labelsSchema);
    const producer = kafka.producer({
      // A second demo on the same topics takes the id over, and the first one is fenced.
      transactionalId: topics.progress,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    // Connecting ends an open transaction of an earlier producer of this id; only then is the position settled.
    await producer.connect();
    const progress = await readLastProgress(kafka, topics.progress);
    if (progress && progress.sample !== sample) {
      await producer.disconnect();
      throw new SampleMismatch(topics.progress, progress.sample, sample);
    }
    return new FlightPublisher(producer, features, labels, topics, sample, progress?.position ?? 0);
  }

  async publish(events: readonly FlightEvent[], positionAfter: number): Promise<void> {
    const departures = events.filter(({ kind }) => kind === 'departure');
    const landings = events.filter(({ kind }) => kind === 'landing');
    const transaction = await this.producer.transaction();
    try {
      await transaction.sendBatch({
        acks: -1,
        topicMessages: [
          { topic: this.topics.features, messages: departures.map((event) => this.message(event)) },
          { topic: this.topics.labels, messages: landings.map((event) => this.message(event)) },
          { topic: this.topics.progress, messages: [this.progress(positionAfter)] },
        ].filter(({ messages }) => messages.length > 0),
      });
      await transaction.commit();
    } catch (error) {
      if (transaction.isActive()) await transaction.abort().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }

  /** Departures of one airport stay in order; a label concerns one flight alone. */
  private message(event: FlightEvent): Message {
    const isDeparture = event.kind === 'departure';
    return {
      key: isDeparture ? event.value.origin : event.value.flightId,
      value: isDeparture ? this.encodeFeatures(event.value) : this.encodeLabel(event.value),
      headers: {
        ce_specversion: '1.0',
        ce_id: event.value.flightId,
        ce_source: '/flights',
        ce_type: isDeparture ? 'flight.departed' : 'flight.landed',
        ce_time: new Date(event.at).toISOString(),
      },
    };
  }

  private progress(position: number): Message {
    return { key: 'progress', value: JSON.stringify({ sample: this.sample, position }) };
  }
}
