import { DATABASE } from '@headrace/persistence';
import { LOGGER, messageOf, Metrics, Pause, type Logger } from '@headrace/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { DeliveryRow, RegistryDatabase, WebhookRow } from '../tables.js';
import { nextAttempt, type Outcome } from './next-attempt.js';
import { CHANNEL } from './notifications.js';
import { Sending } from './sending.js';

/** Deliveries under way at once. */
const MOST = 16;
/** Covers a lost notification, ms. */
const POLL_MS = 1_000;
/** After a request's own time is up, before a delivery is taken for forgotten by a process that died, ms. */
const GRACE_MS = 2_000;

export const MOST_ATTEMPTS = Symbol('registry.webhook-attempts');

type Due = DeliveryRow & Pick<WebhookRow, 'url' | 'secret'>;

/**
 * Delivers what Notifications wrote, at least once, under the same delivery id. Taking a delivery sets the time at which somebody else may: a process that
 * dies amid a request loses nothing. Any number of processes may work.
 */
@Injectable()
export class WebhookSender {
  private running: Promise<void> | undefined;
  private stopping = false;
  private readonly pausing = new Pause();
  private readonly sent;

  constructor(
    @Inject(DATABASE) private readonly database: RegistryDatabase,
    @Inject(Sending) private readonly sending: Sending,
    @Inject(MOST_ATTEMPTS) private readonly mostAttempts: number,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.sent = metrics.counter({
      name: 'headrace_webhook_attempts_total',
      help: 'Tries at delivering to webhooks, by what they came to',
      labelNames: ['outcome'],
    });
    for (const outcome of ['delivered', 'again', 'dead']) this.sent.inc({ outcome }, 0);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Finishes what is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pausing.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.workOnOneConnection();
      } catch (error) {
        this.logger.warn({ err: error }, 'webhook deliveries wait');
        await this.pause(POLL_MS);
      }
    }
  }

  private async workOnOneConnection(): Promise<void> {
    const client = await this.database.pool.connect();
    let notified = false;
    client.on('notification', () => {
      notified = true;
      this.pausing.wake();
    });
    client.on('error', () => this.pausing.wake());
    try {
      await client.query(`listen "${this.database.schema}.${CHANNEL}"`);
      while (!this.stopping) {
        notified = false;
        const due = await this.take();
        await Promise.all(due.map((delivery) => this.deliver(delivery)));
        if (due.length === 0 && !notified) await this.pause(POLL_MS);
      }
    } finally {
      client.release(true); // a session that listens never goes back to the pool
    }
  }

  private async take(): Promise<Due[]> {
    const now = Date.now();
    const until = now + this.sending.rules.timeoutMs + GRACE_MS;
    const { rows } = await sql<Due>`
      update webhook_deliveries d set attempts = attempts + 1, next_attempt_at = ${until}
      from webhooks w where w.webhook_id = d.webhook_id and d.delivery_id in (
        select delivery_id from webhook_deliveries where status = 'pending' and next_attempt_at <= ${now}
        order by next_attempt_at limit ${MOST} for update skip locked)
      returning d.*, w.url, w.secret`.execute(this.database.db);
    return rows;
  }

  private async deliver(delivery: Due): Promise<void> {
    const outcome = await this.attempt(delivery);
    const verdict = nextAttempt(outcome, delivery.attempts, this.mostAttempts, Math.random());
    this.sent.inc({ outcome: verdict.kind });
    const { delivery_id: id, webhook_id: webhookId, event } = delivery;
    if (verdict.kind === 'delivered') {
      await sql`delete from webhook_deliveries where delivery_id = ${id}`.execute(this.database.db);
      return;
    }
    this.logger.warn({ webhookId, deliveryId: id, event, ...verdict }, 'a webhook did not take its delivery');
    const { kind, why } = verdict;
    const [status, at] = kind === 'dead' ? ['dead', Date.now()] : ['pending', Date.now() + verdict.inMs];
    await sql`update webhook_deliveries set status = ${status}, next_attempt_at = ${at}, last_error = ${why}
              where delivery_id = ${id}`.execute(this.database.db);
  }

  private async attempt({ url, secret, delivery_id: id, body }: Due): Promise<Outcome> {
    try {
      return await this.sending.send({ url, secret }, id, body);
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopping) return;
    await this.pausing.forMs(ms);
  }
}
