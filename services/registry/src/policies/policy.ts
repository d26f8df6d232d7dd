import { z } from 'zod';
import { newAliasFault } from '../models/alias-name.js';
import { STAGES } from '../models/stages.js';

const principals = z.array(z.string().regex(/^[\x21-\x7e]{1,100}$/)).max(1000);

/** What a promotion moves: an alias or a stage; `alias:*` and `stage:*` in rules stand for every one. */
const governed = z.string().superRefine((target, context) => {
  const [kind, name, ...rest] = target.split(':');
  const known =
    kind === 'alias'
      ? name === '*' || (name !== undefined && newAliasFault(name) === undefined)
      : kind === 'stage' && (name === '*' || STAGES.some((stage) => stage === name));
  if (!known || rest.length > 0)
    context.addIssue({ code: 'custom', message: 'expected alias:NAME, stage:NAME, alias:* or stage:*' });
});

const rule = z.strictObject({
  targets: z.array(governed).min(1).max(100),
  /** Who may promote, and ask for it; absent: everybody. `training` is the gate's verdicts. */
  promoters: principals.optional(),
  /** The newest gate verdict about the version must have passed. */
  gate: z.boolean().default(false),
  /** Checks of that verdict which must have passed, by name. */
  checks: z.array(z.string().min(1).max(100)).max(50).default([]),
  /** How many principals, other than who asks, must have approved. */
  approvals: z.int().min(0).max(20).default(0),
  /** Who may approve; absent: everybody. */
  approvers: principals.optional(),
});

export const policyDocument = z.strictObject({
  rules: z.array(rule).max(50),
  /** Who may change the policy, and delete or rename the model; absent: who sets it. */
  owners: principals.min(1).optional(),
});

export type Rule = z.infer<typeof rule>;
export interface Policy {
  readonly model: string;
  readonly rules: readonly Rule[];
  readonly owners: readonly string[];
}

/** The first rule that names the target; undefined where the policy leaves it open. */
export function ruleFor(policy: Pick<Policy, 'rules'> | undefined, target: string): Rule | undefined {
  const every = `${target.split(':')[0]}:*`;
  return policy?.rules.find(({ targets }) => targets.includes(target) || targets.includes(every));
}
