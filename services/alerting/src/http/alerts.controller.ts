import type { AlertState } from '@headrace/contracts';
import { DATABASE, type Database } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Alert } from '../alerts/alert.js';
import { alertOf } from '../alerts/alert-rows.js';
import type { AlertingTables } from '../database.js';

const STATES: readonly AlertState[] = ['PENDING', 'FIRING', 'RESOLVED'];
const MOST = 1000;

/** Alerts as they stand, latest change first, at most 1000. Times are ms since the epoch. */
@Controller('api/headrace/v1/alerts')
export class AlertsController {
  constructor(@Inject(DATABASE) private readonly database: Database<AlertingTables>) {}

  /** @param state pending, firing or resolved, in any case; absent: all */
  @Get()
  async list(@Query('state') state?: string): Promise<{ alerts: Alert[] }> {
    const wanted = state === undefined ? null : STATES.find((each) => each === state.toUpperCase());
    if (wanted === undefined) {
      throw new HeadraceError('INPUT_INVALID', `'${state}' is no state of an alert; use pending, firing or resolved`);
    }
    let query = this.database.db.selectFrom('alerts').selectAll();
    if (wanted) query = query.where('state', '=', wanted);
    const rows = await query.orderBy('changed_at', 'desc').orderBy('fingerprint').limit(MOST).execute();
    return { alerts: rows.map(alertOf) };
  }
}
