import { topics, type ModelQuarantined } from '@headrace/contracts';
import { on, type Rule } from './rule.js';

/** A version hung, crashed or ate the memory of the process that ran it; over when the quarantine is lifted. */
export const modelQuarantined: Rule = {
  name: 'ModelQuarantined',
  severity: 'CRITICAL',
  sources: [
    on(
      topics.quarantines,
      ({ model, version, deployment, evidence, quarantinedAt: at }: ModelQuarantined) => [
        {
          labels: { model, version: String(version) },
          active: true,
          at,
          summary: `Version ${version} of ${model} is quarantined, by deployment ${deployment}: ${evidence}`.slice(
            0,
            500,
          ),
        },
      ],
      (key, { timestampMs: at }) => {
        const { model = key, version = '' } = /^(?<model>.*)@(?<version>\d+)$/.exec(key)?.groups ?? {};
        return [{ labels: { model, version }, active: false, at, summary: `${key} may run again` }];
      },
    ),
  ],
};
