import type { AlertChanged } from '@headrace/contracts';
import { messageOf, type Logger } from '@headrace/service-kit';
import { sql } from 'kysely';
import type { Channel } from '../channels/channel.js';
import type { Db } from '../database.js';
import { backoffMs } from './backoff.js';

interface Claimed {
  readonly id: number;
  readonly channel: string;
  readonly alert: AlertChanged;
  readonly attempts: number;
  readonly idempotency_key: string;
}

/** A claim that is not settled in this time (its process was killed) is free again; longer than a channel may take. */
const LEASE_MS = 15_000;
const AT_ONCE = 10;

/**
 * Takes open deliveries to their channels, at least once, and of one alert in order: RESOLVED never overtakes FIRING. A crash between the
 * channel's yes and the strike-off tells it again, with the same idempotency key.
 */
export class DeliverDue {
  private readonly channels: ReadonlyMap<string, Channel>;

  constructor(
    private readonly db: Db,
    channels: readonly Channel[],
    private readonly logger: Logger,
    private readonly now: () => number,
    private readonly onOutcome: (channel: string, outcome: 'delivered' | 'failed') => void,
  ) {
    this.channels = new Map(channels.map((channel) => [channel.name, channel]));
  }

  /** @returns how many were tried */
  async run(): Promise<number> {
    const claimed = await this.claim();
    await Promise.all(claimed.map((delivery) => this.attempt(delivery)));
    return claimed.length;
  }

  /** Only channels that are configured now: what was meant for another one waits until it is back. */
  private async claim(): Promise<Claimed[]> {
    const now = this.now();
    const { rows } = await sql<Claimed>`
      update deliveries set attempts = attempts + 1, next_attempt_at = ${now + LEASE_MS}
      where id in (
        select id from deliveries d
        where delivered_at is null and next_attempt_at <= ${now} and channel = any(${[...this.channels.keys()]}::text[])
          and not exists (select from deliveries e
            where e.fingerprint = d.fingerprint and e.channel = d.channel and e.delivered_at is null and e.id < d.id)
        order by id limit ${AT_ONCE} for update skip locked)
      returning id, channel, alert, attempts, idempotency_key`.execute(this.db);
    return rows;
  }

  private async attempt({ id, channel, alert, attempts, idempotency_key }: Claimed): Promise<void> {
    try {
      await this.channels.get(channel)!.deliver(alert, idempotency_key);
    } catch (error) {
      const next_attempt_at = this.now() + backoffMs(attempts);
      await this.settle(id, { next_attempt_at, last_error: messageOf(error) });
      this.logger.warn(
        { err: error, channel, key: idempotency_key, attempts },
        'delivery failed and will be tried again',
      );
      this.onOutcome(channel, 'failed');
      return;
    }
    await this.settle(id, { delivered_at: this.now(), last_error: null });
    this.onOutcome(channel, 'delivered');
  }

  private async settle(
    id: number,
    change: { delivered_at?: number; next_attempt_at?: number; last_error: string | null },
  ): Promise<void> {
    await this.db.updateTable('deliveries').set(change).where('id', '=', id).execute();
  }
}
