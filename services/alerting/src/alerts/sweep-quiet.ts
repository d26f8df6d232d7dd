import type { Db } from '../database.js';
import { observationOf, type Rule, type RuleTimes } from '../rules/rule.js';
import type { Observation } from './alert.js';
import { alertOf } from './alert-rows.js';

/** Ends of alerts that end by themselves: their condition has not been seen for a while. */
export async function quietObservations(
  db: Db,
  rules: readonly Rule[],
  times: RuleTimes,
  now: number,
): Promise<Observation[]> {
  const found: Observation[] = [];
  for (const rule of rules) {
    if (!rule.quiet) continue;
    const rows = await db
      .selectFrom('alerts')
      .selectAll()
      .where('rule', '=', rule.name)
      .where('state', '<>', 'RESOLVED')
      .where('last_active_at', '<=', now - times[rule.quiet])
      .execute();
    for (const { labels, summary } of rows.map(alertOf))
      found.push(observationOf(rule, { labels, active: false, at: now, summary }, times));
  }
  return found;
}
