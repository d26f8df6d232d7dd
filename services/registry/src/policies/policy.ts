import { z } from 'zod';
import { deploymentName } from '../deployments/deployment-schema.js';
import { newAliasFault } from '../models/alias-name.js';
import { STAGES } from '../models/stages.js';

const principals = z.array(z.string().regex(/^[\x21-\x7e]{1,100}$/)).max(1000);

/** What a promotion moves: an alias, a stage, or a deployment that names its version; `alias:*` and the like in rules stand for every one. */
const governed = z.string().superRefine((target, context) => {
  const [kind, name, ...rest] = target.split(':');
  const known =
    kind === 'alias'
      ? name === '*' || (name !== undefined && newAliasFault(name) === undefined)
      : kind === 'deployment'
        ? name === '*' || deploymentName.safeParse(name).success
        : kind === 'stage' && (name === '*' || STAGES.some((stage) => stage === name));
  if (!known || rest.length > 0)
    context.addIssue({
      code: 'custom',
      message: 'expected alias:NAME, stage:NAME, deployment:NAME, or * for the name',
    });
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

/**
 * The first rule that names the target; undefined where the policy leaves it open. A deployment that names its version itself passes aliases by: where no
 * rule names deployments, the first one for an alias is its rule, too.
 */
export function ruleFor(policy: Pick<Policy, 'rules'> | undefined, target: string): Rule | undefined {
  const [kind] = target.split(':');
  const own = policy?.rules.find(({ targets }) => targets.includes(target) || targets.includes(`${kind}:*`));
  if (own || kind !== 'deployment' || policy?.rules.some((rule) => governs(rule, 'deployment'))) return own;
  return policy?.rules.find((rule) => governs(rule, 'alias'));
}

const governs = ({ targets }: Rule, kind: string): boolean => targets.some((target) => target.startsWith(`${kind}:`));
