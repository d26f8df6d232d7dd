import { describe, expect, it } from '@jest/globals';
import { missingForPromotion, type PromotionFacts } from './missing-for-promotion.js';
import { policyDocument, ruleFor, type Rule } from './policy.js';

const rule = (change: Partial<Rule> = {}): Rule => ({
  targets: ['alias:champion'],
  gate: false,
  checks: [],
  approvals: 0,
  ...change,
});
const facts = (change: Partial<PromotionFacts> = {}): PromotionFacts => ({
  model: 'm',
  version: 3,
  target: 'alias:champion',
  principal: 'ada',
  approvedBy: [],
  verdict: undefined,
  ...change,
});
const missing = (of: Rule | undefined, change: Partial<PromotionFacts> = {}) =>
  missingForPromotion(of, facts(change)).map(({ message }) => message);
const passed = { passed: true, reasons: [], checks: [{ name: 'auc', passed: true }] };
const refused = { passed: false, reasons: ['auc fell'], checks: [{ name: 'auc', passed: false }] };

describe('a promotion', () => {
  it('lacks nothing where no rule governs it', () => expect(missing(undefined)).toEqual([]));

  it('is for those the rule names', () => {
    expect(missing(rule({ promoters: ['bob'] }))).toEqual([expect.stringMatching(/ada may not.*bob/)]);
    expect(missing(rule({ promoters: ['ada'] }))).toEqual([]);
    expect(missing(rule({ promoters: [] }))).toEqual([expect.stringMatching(/nobody/)]);
  });

  it('needs a gate that has passed', () => {
    expect(missing(rule({ gate: true }))).toEqual(['no gate has judged version 3']);
    expect(missing(rule({ gate: true }), { verdict: refused })).toEqual(['the gate refused version 3: auc fell']);
    expect(missing(rule({ gate: true }), { verdict: passed })).toEqual([]);
  });

  it('needs each check by name, whether it failed or was not made', () => {
    expect(missing(rule({ checks: ['auc', 'drift'] }), { verdict: passed })).toEqual([
      "check 'drift' has not passed for version 3",
    ]);
    expect(missing(rule({ checks: ['auc'] }), { verdict: refused })).toEqual([
      "check 'auc' has not passed for version 3",
    ]);
  });

  it('needs approvals of others, of those who may', () => {
    const two = rule({ approvals: 2, approvers: ['ada', 'bob', 'cy'] });
    expect(missing(two)).toEqual(['0 of 2 approvals']);
    expect(missing(two, { approvedBy: ['ada', 'bob', 'mallory'] })).toEqual(['1 of 2 approvals']);
    expect(missing(two, { approvedBy: ['bob', 'cy'] })).toEqual([]);
  });

  it('is told everything that is missing at once', () => {
    expect(missing(rule({ promoters: [], gate: true, approvals: 1 }))).toHaveLength(3);
  });
});

describe("a policy's rules", () => {
  const rules = [rule(), rule({ targets: ['alias:*'] }), rule({ targets: ['stage:Production'] })];
  it('apply by name before all others of the kind', () => {
    expect(ruleFor({ rules }, 'alias:champion')).toBe(rules[0]);
    expect(ruleFor({ rules }, 'alias:other')).toBe(rules[1]);
    expect(ruleFor({ rules }, 'stage:Production')).toBe(rules[2]);
    expect(ruleFor({ rules }, 'stage:Staging')).toBeUndefined();
    expect(ruleFor(undefined, 'alias:champion')).toBeUndefined();
  });

  it('apply to deployments that name a version: their own, else the first for an alias', () => {
    expect(ruleFor({ rules }, 'deployment:churn')).toBe(rules[0]);
    expect(ruleFor({ rules: rules.slice(2) }, 'deployment:churn')).toBeUndefined();
    const own = rule({ targets: ['deployment:churn'] });
    expect(ruleFor({ rules: [...rules, own] }, 'deployment:churn')).toBe(own);
    expect(ruleFor({ rules: [...rules, own] }, 'deployment:other')).toBeUndefined();
    const every = rule({ targets: ['deployment:*'] });
    expect(ruleFor({ rules: [every, own] }, 'deployment:churn')).toBe(every);
    expect(policyDocument.safeParse({ rules: [{ targets: ['deployment:churn', 'deployment:*'] }] }).success).toBe(true);
  });

  it.each([
    'deployment:Churn',
    'deployment:',
    'alias:latest',
    'alias:v1',
    'stage:production',
    'champion',
    'alias:',
    'alias:a:b',
    'tag:x',
  ])('do not govern %s', (target) =>
    expect(policyDocument.safeParse({ rules: [{ targets: [target] }] }).success).toBe(false),
  );
});
