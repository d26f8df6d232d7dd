import { DATABASE, ListeningLoop } from '@headrace/persistence';
import { LOGGER, messageOf, Metrics, type Logger } from '@headrace/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { DeliveryRow, RegistryDatabase, WebhookRow } from '../tables.js';
import { nextAttempt, type Outcome } from './next-attempt.js';
import { CHANNEL } from './notifications.js';
import { Sending } from './sending.js';

/** Deliveries under way at once. */
const MOST = 16;
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
  private readonly loop: ListeningLoop;
  private readonly sent;

  constructor(
    @Inject(DATABASE) private readonly database: RegistryDatabase,
    @Inject(Sending) private readonly sending: Sending,
    @Inject(MOST_ATTEMPTS) private readonly mostAttempts: number,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.loop = new ListeningLoop({ database, channel: CHANNEL, logger, failing: 'webhook deliveries wait' }, () => ({
      turn: () => this.deliverDue(),
    }));
    this.sent = metrics.counter({
      name: 'headrace_webhook_attempts_total',
      help: 'Tries at delivering to webhooks, by what they came to',
      labelNames: ['outcome'],
    });
    for (const outcome of ['delivered', 'again', 'dead']) this.sent.inc({ outcome }, 0);
  }

  start(): void {
    this.loop.start();
  }

  /** Finishes what is under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async deliverDue(): Promise<void> {
    for (let due = await this.take(); due.length > 0; due = await this.take()) {
      await Promise.all(due.map((delivery) => this.deliver(delivery)));
      if (this.loop.isStopping) return;
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
}
