import type { AlertChanged, AlertSeverity, AlertState } from '@headrace/contracts';
import type { Generated, Kysely, Transaction } from 'kysely';

/** Tables of migrations/. */
export interface AlertingTables {
  partition_progress: { topic: string; partition: number; next_offset: number };
  alerts: {
    fingerprint: string;
    rule: string;
    severity: AlertSeverity;
    labels: Record<string, string>;
    summary: string;
    state: AlertState;
    starts_at: number;
    changed_at: number;
    last_active_at: number;
    occurrences: number;
  };
  deliveries: {
    id: Generated<number>;
    idempotency_key: string;
    channel: string;
    fingerprint: string;
    alert: AlertChanged;
    attempts: Generated<number>;
    next_attempt_at: number;
    delivered_at: number | null;
    last_error: string | null;
  };
}

export type Db = Kysely<AlertingTables>;
export type Trx = Transaction<AlertingTables>;
