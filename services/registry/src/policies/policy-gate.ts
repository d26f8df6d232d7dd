import { HeadraceError } from '@headrace/service-kit';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { PolicyRow, PromotionRequestRow, RegistryTransaction } from '../tables.js';
import { missingForPromotion, type Missing, type Verdict } from './missing-for-promotion.js';
import { ruleFor } from './policy.js';

export interface AskedPromotion {
  readonly model: string;
  readonly version: number;
  /** alias:champion, stage:Production or deployment:churn. */
  readonly target: string;
  readonly principal: string;
}

export interface Judged {
  readonly missing: readonly Missing[];
  /** The open request for the same promotion. */
  readonly request: PromotionRequestRow | undefined;
}

/** What a model's policy says, judged on what is committed and what this transaction adds. The caller holds the model's lock. */
@Injectable()
export class PolicyGate {
  async judge(trx: RegistryTransaction, { model, version, target, principal }: AskedPromotion): Promise<Judged> {
    const rule = ruleFor(await this.policyOf(trx, model), target);
    const request = await openRequest(trx, model, version, target);
    if (!rule) return { missing: [], request };
    const [approvedBy, verdict] = [await approvers(trx, request), await newestVerdict(trx, model, version)];
    return { missing: missingForPromotion(rule, { model, version, target, principal, approvedBy, verdict }), request };
  }

  /** Judges and, when nothing is missing, closes the request that has asked for it. @throws HeadraceError FORBIDDEN with everything that is missing */
  async pass(trx: RegistryTransaction, asked: AskedPromotion): Promise<void> {
    const { missing, request } = await this.judge(trx, asked);
    if (missing.length > 0) throw forbidden(asked, missing);
    if (request) await closeRequest(trx, request.request_id, 'PROMOTED', asked.principal, 'promoted');
  }

  /**
   * Judges a deployment that names its version itself. A version that has come through the rule before, by a request for this deployment or onto an
   * alias of the rule, needs nothing but somebody who may. @throws HeadraceError FORBIDDEN with everything that is missing
   */
  async passPinned(trx: RegistryTransaction, asked: AskedPromotion): Promise<void> {
    const { missing } = await this.judge(trx, asked);
    if (missing.length === 0) return;
    const aliases = ruleFor(await this.policyOf(trx, asked.model), asked.target)?.targets ?? [];
    const left = (await hasPassed(trx, asked, aliases)) ? missing.filter(({ kind }) => kind === 'principal') : missing;
    if (left.length > 0) throw forbidden(asked, left);
  }

  /** Taking an alias away is for those who may promote to it. @throws HeadraceError FORBIDDEN */
  async mayRemove(trx: RegistryTransaction, model: string, target: string, principal: string): Promise<void> {
    const promoters = ruleFor(await this.policyOf(trx, model), target)?.promoters;
    if (promoters === undefined || promoters.includes(principal)) return;
    throw new HeadraceError(
      'FORBIDDEN',
      `${principal} may not take ${target} from '${model}': its policy names ${promoters.join(', ') || 'nobody'}`,
    );
  }

  /** Deleting or renaming a model, and changing its policy, is for the policy's owners. @throws HeadraceError FORBIDDEN */
  async mayOwn(trx: RegistryTransaction, model: string, principal: string): Promise<void> {
    const owners = (await this.policyOf(trx, model))?.owners;
    if (owners === undefined || owners.includes(principal)) return;
    throw new HeadraceError(
      'FORBIDDEN',
      `${principal} does not own the policy of '${model}': ${owners.join(', ')} may do that`,
    );
  }

  private async policyOf(trx: RegistryTransaction, model: string): Promise<PolicyRow | undefined> {
    return trx.selectFrom('policies').selectAll().where('model', '=', model).executeTakeFirst();
  }
}

function forbidden({ model, version, target }: AskedPromotion, missing: readonly Missing[]): HeadraceError {
  const what = missing.map(({ message }) => message).join('; ');
  return new HeadraceError(
    'FORBIDDEN',
    `The policy of '${model}' does not let version ${version} become ${target}: ${what}`,
    {
      context: { error_code: 'PERMISSION_DENIED', missing: missing.map(({ kind, message }) => ({ kind, message })) },
    },
  );
}

/** @param targets of the rule, of which aliases count */
async function hasPassed(
  trx: RegistryTransaction,
  { model, version, target }: AskedPromotion,
  targets: readonly string[],
): Promise<boolean> {
  const aliases = targets.flatMap((each) => (each.startsWith('alias:') ? [each.slice('alias:'.length)] : []));
  const { rows } = await sql`
    select 1 from promotion_requests
    where model = ${model} and version = ${version} and target = ${target} and status = 'PROMOTED'
    union all
    select 1 from promotions
    where model = ${model} and version = ${version} and decision = 'PROMOTED'
      and (alias = any(${aliases}) or ${aliases.includes('*')})
    limit 1`.execute(trx);
  return rows.length > 0;
}

async function openRequest(trx: RegistryTransaction, model: string, version: number, target: string) {
  const { rows } = await sql<PromotionRequestRow>`
    select * from promotion_requests
    where model = ${model} and version = ${version} and target = ${target} and status = 'OPEN'`.execute(trx);
  return rows[0];
}

async function approvers(trx: RegistryTransaction, request: PromotionRequestRow | undefined): Promise<string[]> {
  if (!request) return [];
  const { rows } = await sql<{ principal: string }>`
    select principal from promotion_approvals where request_id = ${request.request_id}`.execute(trx);
  return rows.map(({ principal }) => principal);
}

export async function newestVerdict(
  trx: RegistryTransaction,
  model: string,
  version: number,
): Promise<Verdict | undefined> {
  const { rows } = await sql<Verdict>`
    select passed, reasons, checks from gate_verdicts where model = ${model} and version = ${version}
    order by decided_at desc, verdict_id limit 1`.execute(trx);
  return rows[0];
}

export async function closeRequest(
  trx: RegistryTransaction,
  id: string,
  status: 'PROMOTED' | 'REJECTED' | 'WITHDRAWN',
  by: string,
  reason: string,
): Promise<void> {
  await sql`update promotion_requests
            set status = ${status}, closed_at = ${Date.now()}, closed_by = ${by}, closing_reason = ${reason}
            where request_id = ${id}`.execute(trx);
}
