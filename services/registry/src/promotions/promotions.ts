import { topics, type GateDecided, type PromotionDecided } from '@headrace/contracts';
import { MlflowError } from '@headrace/mlflow-protocol';
import { DATABASE, Outbox } from '@headrace/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { ChangeLog } from '../changes/change-log.js';
import { ReconcileDeployments } from '../deployments/reconcile-deployments.js';
import type { Caller } from '@headrace/service-kit/identity';
import { lockModel } from '../locks.js';
import { lockExisting } from '../models/registered-models.js';
import { lockVersion } from '../models/model-versions.js';
import { PolicyGate } from '../policies/policy-gate.js';
import type { PromotionRow, RegistryDatabase, RegistryDb, RegistryTransaction } from '../tables.js';
import { Notifications } from '../webhooks/notifications.js';
import { aliasVersion, pointAlias, versionExists } from './aliases.js';
import { decideOnVerdict, type Decision } from './decide-on-verdict.js';

export interface PromotionRequest {
  readonly model: string;
  readonly version: number;
  readonly alias: string;
  readonly reason: string;
}

/** Who promotes when a gate's verdict does, in policies. */
export const GATE_PRINCIPAL = 'training';

type Draft = Omit<PromotionRow, 'promotion_id' | 'deployments' | 'decided_at'>;

/**
 * Where every alias moves, and nowhere else: alias, decision record, deployments that follow, and their events are one transaction.
 */
@Injectable()
export class Promotions {
  private readonly db: RegistryDb;
  private readonly outbox = new Outbox();

  constructor(
    @Inject(DATABASE) database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(ReconcileDeployments) private readonly reconcile: ReconcileDeployments,
  ) {
    this.db = database.db;
  }

  /**
   * Points the alias at the version because a person asks.
   * @returns the decision; undefined when the alias stood there already, and nothing changed
   * @throws MlflowError RESOURCE_DOES_NOT_EXIST when there is no such version
   */
  move(by: Caller, { model, version, alias, reason }: PromotionRequest): Promise<PromotionRow | undefined> {
    return this.changes.run({ action: 'alias.set', model, by: { ...by, reason } }, async (trx) => {
      await lockVersion(trx, model, version);
      const { principal } = by;
      await this.gate.pass(trx, { model, version, target: `alias:${alias}`, principal });
      return this.moveIn(trx, { model, version, alias, reason, principal });
    });
  }

  /** What the policy lets pass. The caller holds the model's lock, and the version is there. */
  async moveIn(
    trx: RegistryTransaction,
    { model, version, alias, reason, principal }: PromotionRequest & { principal: string },
  ): Promise<PromotionRow | undefined> {
    const previous = await aliasVersion(trx, model, alias);
    if (previous === version) return undefined;
    const draft = { model, version, alias, reason, previous_version: previous, requested_by: principal };
    return this.record(trx, { ...draft, verdict_id: null, decision: 'PROMOTED' });
  }

  /**
   * Decides on a gate's verdict, once: a verdict that was decided on before is left alone.
   * @param place of the verdict's record, topic/partition@offset
   * @returns the decision; undefined for a repeated verdict
   */
  decide(verdict: GateDecided, place: string): Promise<PromotionRow | undefined> {
    const by = { principal: `training job ${verdict.jobId}`, address: place, reason: verdict.reasons.join('; ') };
    return this.changes.run({ action: 'verdict.decided', model: verdict.model, by }, async (trx) => {
      await lockModel(trx, verdict.model);
      if (await this.isDecided(trx, verdict.verdictId)) return undefined;
      const current = await aliasVersion(trx, verdict.model, verdict.alias);
      const candidateExists = await versionExists(trx, verdict.model, verdict.candidateVersion);
      await keepVerdict(trx, verdict);
      const { model, alias, candidateVersion: version, verdictId } = verdict;
      const judged = decideOnVerdict(verdict, { aliasVersion: current, candidateExists });
      const { decision, reason } = judged.decision === 'PROMOTED' ? await this.byPolicy(trx, judged, verdict) : judged;
      const draft = { model, version, alias, previous_version: current, requested_by: by.principal };
      return this.record(trx, { ...draft, decision, reason, verdict_id: verdictId });
    });
  }

  /** A verdict promotes only what the model's policy lets the gate promote. */
  private async byPolicy(trx: RegistryTransaction, passed: Decision, verdict: GateDecided): Promise<Decision> {
    const { model, candidateVersion: version, alias } = verdict;
    const asked = { model, version, target: `alias:${alias}`, principal: GATE_PRINCIPAL };
    const { missing } = await this.gate.judge(trx, asked);
    if (missing.length > 0) {
      const why = missing.map(({ message }) => message).join('; ');
      return { decision: 'REFUSED', reason: `the gate was passed, but the policy of '${model}' asks for more: ${why}` };
    }
    await this.gate.pass(trx, asked);
    return passed;
  }

  /** @throws MlflowError INVALID_STATE while a deployment follows it */
  async removeAlias(by: Caller, model: string, alias: string): Promise<void> {
    await this.changes.run({ action: 'alias.deleted', model, by }, async (trx) => {
      await lockExisting(trx, model);
      await this.gate.mayRemove(trx, model, `alias:${alias}`, by.principal);
      await sql`delete from model_aliases where name = ${model} and alias = ${alias}`.execute(trx);
      await this.notifications.tell(trx, 'alias.deleted', model, { name: model, alias });
      const left = await this.reconcile.run(trx, model, 'alias removed');
      if (left.length === 0) return;
      throw new MlflowError(
        'INVALID_STATE',
        `Alias '${alias}' of '${model}' is followed by ${left.join(', ')}: move or delete the deployment first`,
      );
    });
  }

  /** Newest first. */
  async list(filter: { model?: string; limit: number }): Promise<PromotionRow[]> {
    const { rows } = await sql<PromotionRow>`
      select * from promotions where ${filter.model === undefined ? sql`true` : sql`model = ${filter.model}`}
      order by decided_at desc, promotion_id limit ${filter.limit}`.execute(this.db);
    return rows;
  }

  private async isDecided(trx: RegistryTransaction, verdictId: string): Promise<boolean> {
    const { rows } = await sql`select 1 from promotions where verdict_id = ${verdictId}`.execute(trx);
    return rows.length > 0;
  }

  private async record(trx: RegistryTransaction, draft: Draft): Promise<PromotionRow> {
    const promotion_id = randomUUID();
    const { model, alias, version } = draft;
    let deployments: string[] = [];
    if (draft.decision === 'PROMOTED') {
      await pointAlias(trx, model, alias, version);
      await this.notifications.tell(trx, 'alias.set', model, { name: model, alias, version: String(version) });
      deployments = await this.reconcile.run(trx, model, draft.verdict_id ?? `promotion ${promotion_id}`);
    }
    const row = { ...draft, promotion_id, deployments, decided_at: Date.now() };
    await trx.insertInto('promotions').values(row).execute();
    const event = {
      topic: topics.promotions,
      key: model,
      value: toPromotionDecided(row),
      id: promotion_id,
      eventTime: row.decided_at,
    };
    await this.outbox.enqueue(trx, [event]);
    return row;
  }
}

/** Evidence, for policies and for promotion requests. */
async function keepVerdict(trx: RegistryTransaction, verdict: GateDecided): Promise<void> {
  const { verdictId, model, candidateVersion, alias, passed, reasons, checks, decidedAt } = verdict;
  await sql`insert into gate_verdicts (verdict_id, model, version, alias, passed, reasons, checks, decided_at)
            values (${verdictId}, ${model}, ${candidateVersion}, ${alias}, ${passed}, ${reasons},
              ${JSON.stringify(checks)}::jsonb, ${decidedAt})
            on conflict (verdict_id) do nothing`.execute(trx);
}

export function toPromotionDecided(row: PromotionRow): PromotionDecided {
  return {
    promotionId: row.promotion_id,
    model: row.model,
    version: row.version,
    alias: row.alias,
    previousVersion: row.previous_version,
    decision: row.decision,
    reason: row.reason,
    requestedBy: row.requested_by,
    verdictId: row.verdict_id,
    deployments: row.deployments,
    decidedAt: row.decided_at,
  };
}
