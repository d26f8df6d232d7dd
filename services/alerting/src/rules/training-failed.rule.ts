import { topics, type TrainingFinished } from '@headrace/contracts';
import { on, type Rule } from './rule.js';

/** A challenger was asked for and could not be made; over when the next one is. */
export const trainingFailed: Rule = {
  name: 'TrainingFailed',
  severity: 'WARNING',
  sources: [
    on(topics.trainingEvents, ({ deployment, model, status, reason, jobId, finishedAt: at }: TrainingFinished) => [
      {
        labels: { deployment, model },
        active: status === 'FAILED',
        at,
        summary: `Training ${jobId} of ${model} ${status === 'FAILED' ? `failed: ${reason ?? 'no reason given'}` : 'succeeded'}`,
      },
    ]),
  ],
};
