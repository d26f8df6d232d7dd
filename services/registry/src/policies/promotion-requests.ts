import { DATABASE } from '@headrace/persistence';
import { HeadraceError } from '@headrace/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { ChangeLog } from '../changes/change-log.js';
import type { Caller } from '@headrace/service-kit/identity';
import { lockModel } from '../locks.js';
import { lockVersion } from '../models/model-versions.js';
import { StageMoves } from '../models/stage-moves.js';
import { Promotions } from '../promotions/promotions.js';
import type { PromotionRequestRow, RegistryDatabase, RegistryTransaction } from '../tables.js';
import type { Missing } from './missing-for-promotion.js';
import { closeRequest, PolicyGate } from './policy-gate.js';

export interface RequestState {
  readonly request: PromotionRequestRow;
  readonly missing: readonly Missing[];
}

/** Promotions that are asked for, and made as soon as their policy has everything it wants: approvals and gates come in any order. */
@Injectable()
export class PromotionRequests {
  constructor(
    @Inject(DATABASE) private readonly database: RegistryDatabase,
    @Inject(ChangeLog) private readonly changes: ChangeLog,
    @Inject(PolicyGate) private readonly gate: PolicyGate,
    @Inject(Promotions) private readonly promotions: Promotions,
    @Inject(StageMoves) private readonly stages: StageMoves,
  ) {}

  /** @throws HeadraceError FORBIDDEN when the policy does not let this principal promote, CONFLICT when the same is asked for already */
  open(by: Caller, asked: { model: string; version: number; target: string; reason: string }): Promise<RequestState> {
    const { model, version, target, reason } = asked;
    return this.changes.run({ action: 'promotion.requested', model, by: { ...by, reason } }, async (trx) => {
      await lockVersion(trx, model, version);
      const { missing, request } = await this.gate.judge(trx, { ...asked, principal: by.principal });
      const never = missing.find(({ kind }) => kind === 'principal');
      if (never) throw new HeadraceError('FORBIDDEN', never.message);
      if (request) throw new HeadraceError('CONFLICT', `Request ${request.request_id} asks for the same already`);
      const row: PromotionRequestRow = {
        request_id: randomUUID(),
        model,
        version,
        target,
        reason,
        requested_by: by.principal,
        status: 'OPEN',
        created_at: Date.now(),
        closed_at: null,
        closed_by: null,
        closing_reason: null,
      };
      await trx.insertInto('promotion_requests').values(row).execute();
      return this.settle(trx, row);
    });
  }

  /** An approval given twice is one. @throws HeadraceError FORBIDDEN for who has asked */
  approve(by: Caller, id: string, reason: string): Promise<RequestState> {
    return this.change('promotion.approved', { ...by, reason }, id, async (trx, request) => {
      if (request.requested_by === by.principal)
        throw new HeadraceError('FORBIDDEN', `${by.principal} has asked for this: somebody else must approve`);
      await sql`insert into promotion_approvals (request_id, principal, reason, approved_at)
                values (${id}, ${by.principal}, ${reason}, ${Date.now()})
                on conflict (request_id, principal) do nothing`.execute(trx);
      return this.settle(trx, request);
    });
  }

  /** For anybody but who has asked: they withdraw. */
  reject(by: Caller, id: string, reason: string): Promise<RequestState> {
    return this.change('promotion.rejected', { ...by, reason }, id, async (trx, request) => {
      const status = request.requested_by === by.principal ? 'WITHDRAWN' : 'REJECTED';
      await closeRequest(trx, id, status, by.principal, reason);
      return this.state(trx, id);
    });
  }

  /** After a gate has judged a version: requests that waited for it go on. Idempotent. */
  async reconsider(by: Caller, model: string, version: number): Promise<void> {
    await this.changes.run({ action: 'promotion.reconsidered', model, by }, async (trx) => {
      await lockModel(trx, model);
      const { rows } = await sql<PromotionRequestRow>`
        select * from promotion_requests where model = ${model} and version = ${version} and status = 'OPEN'
        order by created_at, request_id`.execute(trx);
      for (const request of rows) await this.settle(trx, request);
    });
  }

  async list(filter: { model?: string; status?: string; limit: number }): Promise<RequestState[]> {
    const { model, status, limit } = filter;
    const { rows } = await sql<{ request_id: string }>`
      select request_id from promotion_requests
      where ${model === undefined ? sql`true` : sql`model = ${model}`}
        and ${status === undefined ? sql`true` : sql`status = ${status}`}
      order by created_at desc, request_id limit ${limit}`.execute(this.database.db);
    return this.database.db.transaction().execute(async (trx) => {
      const states: RequestState[] = [];
      for (const { request_id } of rows) states.push(await this.state(trx, request_id));
      return states;
    });
  }

  get(id: string): Promise<RequestState> {
    return this.database.db.transaction().execute((trx) => this.state(trx, id));
  }

  async approvalsOf(id: string) {
    return this.database.db
      .selectFrom('promotion_approvals')
      .selectAll()
      .where('request_id', '=', id)
      .orderBy('approved_at')
      .execute();
  }

  private async change(
    action: string,
    by: Caller,
    id: string,
    work: (trx: RegistryTransaction, request: PromotionRequestRow) => Promise<RequestState>,
  ): Promise<RequestState> {
    const { model } = (await this.get(id)).request;
    return this.changes.run({ action, model, by }, async (trx) => {
      await lockModel(trx, model);
      const { request } = await this.state(trx, id);
      if (request.status === 'OPEN') return work(trx, request);
      throw new HeadraceError('CONFLICT', `Request ${id} is ${request.status} and stays so`);
    });
  }

  private async state(trx: RegistryTransaction, id: string): Promise<RequestState> {
    const request = await trx
      .selectFrom('promotion_requests')
      .selectAll()
      .where('request_id', '=', id)
      .executeTakeFirst();
    if (!request) throw new HeadraceError('NOT_FOUND', `There is no promotion request ${id}`);
    if (request.status !== 'OPEN') return { request, missing: [] };
    const { missing } = await this.gate.judge(trx, { ...request, principal: request.requested_by });
    return { request, missing };
  }

  /** Promotes when nothing is missing any more. */
  private async settle(trx: RegistryTransaction, request: PromotionRequestRow): Promise<RequestState> {
    const { request_id: id, model, version, target, requested_by: principal } = request;
    const { missing } = await this.gate.judge(trx, { model, version, target, principal });
    if (missing.length > 0) return { request, missing };
    const [kind, name] = target.split(':') as ['alias' | 'stage' | 'deployment', string];
    // A deployment is applied by whoever has asked; from now on the policy lets it name the version.
    if (kind === 'alias')
      await this.promotions.moveIn(trx, { model, version, alias: name, principal, reason: request.reason });
    else if (kind === 'stage') await this.stages.moveIn(trx, { name: model, version, stage: name, archive: false });
    await closeRequest(trx, id, 'PROMOTED', principal, 'the policy has everything it wants');
    return this.state(trx, id);
  }
}
