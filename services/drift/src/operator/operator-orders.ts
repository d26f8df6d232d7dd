import type { DriftReported, RetrainModel, RetrainVetoed } from '@headrace/contracts';
import type { Outbox } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import type { Db, Trx } from '../database.js';
import type { MonitoredDeployment } from '../deployments/monitored-deployment.js';
import type { MonitoredDeployments } from '../deployments/monitored-deployments.js';
import { commandHistory } from '../facts/read-facts.js';
import { severityOf } from '../verdict/decide-retrain.js';
import { commandIdOf, forcedBy, keepCommand, keepVeto, tellCommand, tellVeto } from './keep.js';
import { lockDeployment } from './lock-deployment.js';

export interface Order {
  readonly reason: string;
  readonly requestedBy: string;
}

/** What operators order: a retrain that no verdict asked for, or none although one would. Each is kept and told in one transaction, beside no window that closes. */
export class OperatorOrders {
  constructor(
    private readonly db: Db,
    private readonly deployments: Pick<MonitoredDeployments, 'find'>,
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {}

  /** @throws HeadraceError NOT_FOUND; CONFLICT when a command is under way, nothing can be trained, or no window has been closed */
  force(name: string, order: Order): Promise<RetrainModel> {
    const deployment = this.find(name);
    return this.inTurn(name, async (trx) => {
      const command = await this.forced(trx, deployment, order);
      await keepCommand(trx, command);
      await tellCommand(trx, this.outbox, command);
      return command;
    });
  }

  /** From the last closed window on. @throws HeadraceError NOT_FOUND */
  veto(name: string, { reason, requestedBy }: Order): Promise<RetrainVetoed> {
    this.find(name);
    return this.inTurn(name, async (trx) => {
      const fromTime = (await closedUntil(trx, name)) ?? 0;
      const veto = { vetoId: randomUUID(), deployment: name, fromTime, reason, requestedBy, requestedAt: this.now() };
      await this.keepAndTell(trx, veto);
      return veto;
    });
  }

  /** Up to the last closed window; lifting what is lifted changes nothing. @throws HeadraceError NOT_FOUND */
  lift(name: string, vetoId: string): Promise<RetrainVetoed> {
    return this.inTurn(name, async (trx) => {
      const found = await trx
        .selectFrom('retrain_vetoes')
        .select('veto')
        .where('deployment', '=', name)
        .where('veto_id', '=', vetoId)
        .executeTakeFirst();
      if (!found) throw new HeadraceError('NOT_FOUND', `Deployment ${name} has no veto ${vetoId}`);
      if (found.veto.toTime != null) return found.veto;
      const veto = { ...found.veto, toTime: (await closedUntil(trx, name)) ?? 0 };
      await this.keepAndTell(trx, veto);
      return veto;
    });
  }

  private async keepAndTell(trx: Trx, veto: RetrainVetoed): Promise<void> {
    await keepVeto(trx, veto);
    await tellVeto(trx, this.outbox, veto);
  }

  private async forced(
    trx: Trx,
    deployment: MonitoredDeployment,
    { reason, requestedBy }: Order,
  ): Promise<RetrainModel> {
    const { name, model, championVersion, canTrain } = deployment;
    if (!canTrain) throw new HeadraceError('CONFLICT', `Deployment ${name} declares no training`);
    if (championVersion === null) throw new HeadraceError('CONFLICT', `No version answers for deployment ${name} yet`);
    const last = await lastReport(trx, name);
    if (!last)
      throw new HeadraceError(
        'CONFLICT',
        `No window of deployment ${name} has been closed yet: there is nothing to train on`,
      );
    const history = await commandHistory(trx, name, championVersion, { after: last.windowEnd, until: last.windowEnd });
    if (history.open) throw new HeadraceError('CONFLICT', `A retrain of ${name} is under way; wait for its end`);
    const evidence = last.findings.filter(({ significant, material }) => significant && material);
    return {
      commandId: commandIdOf(name, championVersion, history.asked + 1),
      deployment: name,
      model,
      championVersion,
      reason,
      severity: severityOf(evidence),
      evidence,
      reportIds: [last.reportId],
      windowEnd: last.windowEnd,
      requestedBy: forcedBy(requestedBy),
      requestedAt: this.now(),
    };
  }

  private find(name: string): MonitoredDeployment {
    const deployment = this.deployments.find(name);
    if (!deployment) throw new HeadraceError('NOT_FOUND', `No monitor watches a deployment '${name}'`);
    return deployment;
  }

  private inTurn<T>(name: string, work: (trx: Trx) => Promise<T>): Promise<T> {
    return this.db.transaction().execute(async (trx) => {
      await lockDeployment(trx, name, 'wait');
      return work(trx);
    });
  }
}

async function lastReport(trx: Trx, deployment: string): Promise<DriftReported | null> {
  const row = await trx
    .selectFrom('reports')
    .select('report')
    .where('deployment', '=', deployment)
    .orderBy('window_start', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.report ?? null;
}

async function closedUntil(trx: Trx, deployment: string): Promise<number | null> {
  const row = await trx
    .selectFrom('monitors')
    .select('closed_until')
    .where('deployment', '=', deployment)
    .executeTakeFirst();
  return row?.closed_until ?? null;
}
