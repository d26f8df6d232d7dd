import { topics, type GateDecided, type PromotionDecided } from '@headrace/contracts';
import { on, type Rule } from './rule.js';

/** For information: a challenger was not good enough. The gate says so first, the registry has the last word; over with the model's next promotion. */
export const candidateRefused: Rule = {
  name: 'CandidateRefused',
  severity: 'INFO',
  sources: [
    on(topics.gateVerdicts, ({ model, candidateVersion, passed, reasons, decidedAt: at }: GateDecided) =>
      passed
        ? []
        : [
            {
              labels: { model },
              active: true,
              at,
              summary: `Version ${candidateVersion} of ${model} was refused by the gate: ${reasons.join('; ')}`,
            },
          ],
    ),
    on(topics.promotions, ({ model, version, decision, reason, decidedAt: at }: PromotionDecided) => [
      {
        labels: { model },
        active: decision === 'REFUSED',
        at,
        summary: `Version ${version} of ${model}: ${decision.toLowerCase()}: ${reason}`,
      },
    ]),
  ],
};
