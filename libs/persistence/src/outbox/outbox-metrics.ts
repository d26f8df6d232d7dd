import type { Metrics } from '@headrace/service-kit';
import type { Database } from '../database/database.js';

/** How many events wait in the schema's outbox, counted when Prometheus asks; a PostgreSQL that is away leaves the last count standing. */
export function measureOutbox(database: Database<unknown>, metrics: Metrics): void {
  metrics.gauge({
    name: 'headrace_outbox_pending_events',
    help: 'Events that are committed and not yet on the log',
    async collect() {
      try {
        const { rows } = await database.pool.query<{ waiting: number }>('select count(*) as waiting from outbox');
        this.set(rows[0]!.waiting);
      } catch {
        // Readiness tells; a scrape must not fail with it.
      }
    },
  });
}
