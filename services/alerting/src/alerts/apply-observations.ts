import { topics } from '@headrace/contracts';
import type { Outbox } from '@headrace/persistence';
import { sql } from 'kysely';
import type { Trx } from '../database.js';
import { eventUuid } from '@headrace/persistence';
import { advanceAlert } from './advance-alert.js';
import type { Alert, Observation } from './alert.js';
import { alertChanged, alertOf, saveAlert } from './alert-rows.js';
import { fingerprintOf } from './fingerprint.js';
import { foldObservations } from './fold-observations.js';

/** Moves alerts by what was seen, in the caller's transaction: alert, event and deliveries are there together or not at all. */
export class ApplyObservations {
  constructor(
    private readonly outbox: Outbox,
    /** Names of the channels that every notification goes to. */
    private readonly channels: readonly string[],
  ) {}

  /** @returns the alerts whose state changed */
  async run(trx: Trx, observations: readonly Observation[]): Promise<Alert[]> {
    const folded = foldObservations(observations);
    // In one order for everybody: two transactions cannot wait for each other.
    const fingerprints = [...new Set(folded.map(({ rule, labels }) => fingerprintOf(rule, labels)))].sort();
    for (const fingerprint of fingerprints)
      await sql`select pg_advisory_xact_lock(hashtextextended(${`headrace.alerting.${fingerprint}`}, 0))`.execute(trx);
    const changed: Alert[] = [];
    for (const seen of folded) {
      const advanced = advanceAlert(await this.current(trx, seen), seen);
      if (!advanced) continue;
      await saveAlert(trx, advanced.alert);
      if (advanced.changed) changed.push(advanced.alert);
      if (advanced.changed) await this.publish(trx, advanced.alert);
      if (advanced.notify) await this.notify(trx, advanced.alert);
    }
    return changed;
  }

  private async current(trx: Trx, { rule, labels }: Observation): Promise<Alert | null> {
    const query = trx.selectFrom('alerts').selectAll().where('fingerprint', '=', fingerprintOf(rule, labels));
    const row = await query.executeTakeFirst();
    return row ? alertOf(row) : null;
  }

  private async publish(trx: Trx, alert: Alert): Promise<void> {
    const id = eventUuid(`alert:${keyOf(alert)}`);
    const event = { topic: topics.alerts, key: alert.fingerprint, value: alertChanged(alert), id };
    await this.outbox.enqueue(trx, [{ ...event, eventTime: alert.changedAt }]);
  }

  private async notify(trx: Trx, alert: Alert): Promise<void> {
    await trx
      .insertInto('deliveries')
      .values(
        this.channels.map((channel) => ({
          idempotency_key: keyOf(alert),
          channel,
          fingerprint: alert.fingerprint,
          alert: JSON.stringify(alertChanged(alert)) as never,
          next_attempt_at: 0,
        })),
      )
      .execute();
  }
}

/** One state of one episode: what is told once. */
function keyOf({ fingerprint, startsAt, changedAt, state }: Alert): string {
  return `${fingerprint}:${startsAt}:${state}:${changedAt}`;
}
