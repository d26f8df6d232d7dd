import { HeadraceError, messageOf } from '@headrace/service-kit';
import type { Producer } from 'kafkajs';
import type { ProduceRequest } from './encode-events.js';
import { refusalOf } from './refusals.js';

/**
 * kafkajs repeats a request by broker, not by partition: once a broker has answered, it is left out. When another one fails and its
 * partitions move to the first, their records are never sent, and yet acknowledged; when a broker is met again under a new connection, what
 * it has already taken is sent once more. So nothing is repeated (an idempotent producer would have to); a request fails as a whole, and the
 * caller, who alone knows what it means, publishes again. (A transaction is idempotent whatever is said here.)
 */
export const UNREPEATED = { idempotent: false, retry: { retries: 0 } } as const;

/**
 * A producer that is used by one request at a time, and by none after one that failed. kafkajs gives a request's
 * sequence numbers back when the answer to it is lost; the broker would take the next request under them for the lost one's
 * repetition, and acknowledge records that it never wrote.
 */
export class Publisher {
  private producer: Promise<Producer> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly create: () => Producer) {}

  /** Resolves when all in-sync replicas have them. @throws HeadraceError UNAVAILABLE, or INTERNAL when the broker refuses them */
  async send(topicMessages: ProduceRequest): Promise<void> {
    const turn = this.last.then(() => this.sendAlone(topicMessages));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.last;
    await this.discard();
  }

  private async sendAlone(topicMessages: ProduceRequest): Promise<void> {
    try {
      const producer = await (this.producer ??= this.connected());
      await producer.sendBatch({ topicMessages, acks: -1 });
    } catch (error) {
      await this.discard();
      throw unreachable(`Kafka, writing to ${topicMessages.map(({ topic }) => topic).join(', ')}`, error);
    }
  }

  private async connected(): Promise<Producer> {
    const producer = this.create();
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async discard(): Promise<void> {
    const former = this.producer;
    this.producer = undefined;
    await former?.then((producer) => producer.disconnect()).catch(() => undefined);
  }
}

/** What a broker refuses for good says what to do; see refusals.ts.
 * @param what was to be reached. kafkajs calls an error final also when it has only tried often enough. */
export function unreachable(what: string, error: unknown): HeadraceError {
  if (error instanceof HeadraceError) return error;
  const refusal = refusalOf(what, error);
  if (refusal) return refusal;
  const code = isRetriable(error) ? 'UNAVAILABLE' : 'INTERNAL';
  return new HeadraceError(code, `${what}: ${messageOf(error)}`, { cause: error });
}

function isRetriable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { retriable?: boolean }).retriable !== false || isRetriable(error.cause);
}
