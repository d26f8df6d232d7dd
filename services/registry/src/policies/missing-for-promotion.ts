import type { Rule } from './policy.js';

/** What is known about a promotion when it is judged. */
export interface PromotionFacts {
  readonly model: string;
  readonly version: number;
  readonly target: string;
  /** Who asks. */
  readonly principal: string;
  readonly approvedBy: readonly string[];
  /** The newest about the version. */
  readonly verdict: Verdict | undefined;
}

export interface Verdict {
  readonly passed: boolean;
  readonly reasons: readonly string[];
  readonly checks: ReadonlyArray<{ readonly name: string; readonly passed: boolean }>;
}

export interface Missing {
  /** approval: others can still give it; gate: a verdict can; principal: nobody can, for this one. */
  readonly kind: 'principal' | 'gate' | 'approval';
  readonly message: string;
}

/** Everything that the rule still asks for; empty when the promotion may be made. */
export function missingForPromotion(rule: Rule | undefined, facts: PromotionFacts): Missing[] {
  if (!rule) return [];
  return [...principalMissing(rule, facts), ...gateMissing(rule, facts), ...approvalsMissing(rule, facts)];
}

function principalMissing({ promoters }: Rule, { principal, model, target }: PromotionFacts): Missing[] {
  if (promoters === undefined || promoters.includes(principal)) return [];
  const message = `${principal} may not promote '${model}' to ${target}: its policy names ${promoters.join(', ') || 'nobody'}`;
  return [{ kind: 'principal', message }];
}

function gateMissing(rule: Rule, { verdict, version }: PromotionFacts): Missing[] {
  if (!rule.gate && rule.checks.length === 0) return [];
  if (!verdict) return [{ kind: 'gate', message: `no gate has judged version ${version}` }];
  const refused: Missing[] =
    rule.gate && !verdict.passed
      ? [{ kind: 'gate', message: `the gate refused version ${version}: ${verdict.reasons.join('; ')}` }]
      : [];
  const failed = rule.checks.filter((name) => !verdict.checks.some((check) => check.name === name && check.passed));
  return [
    ...refused,
    ...failed.map((name): Missing => ({
      kind: 'gate',
      message: `check '${name}' has not passed for version ${version}`,
    })),
  ];
}

function approvalsMissing({ approvals, approvers }: Rule, { approvedBy, principal }: PromotionFacts): Missing[] {
  const counted = approvedBy.filter((each) => each !== principal && (approvers?.includes(each) ?? true)).length;
  if (counted >= approvals) return [];
  return [{ kind: 'approval', message: `${counted} of ${approvals} approvals` }];
}
