import { PLAIN_SOURCES, plainSource, type DeploymentSpec } from '@headrace/contracts';
import { z } from 'zod';
import { newAliasFault } from '../models/alias-name.js';
import { modelName } from '../models/model-messages.js';
import { nonNegative, positive } from './duration-fields.js';

const DAY_MS = 86_400_000;
/** Longer than anybody waits for a prediction. */
const LONGEST_DELAY_MS = 10_000;
/** A row's segments are bits of one number. */
const MOST_SEGMENTS = 30;
/** Each is a consumer of its own. */
const MOST_KPIS = 20;
const PLATFORM = /^headrace\./;
export const DEFAULT_OUTPUT = 'headrace.predictions';

const field = z.string().min(1).max(250);
const topic = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,249}$/, "expected a Kafka topic name: letters, digits, '.', '_' and '-', at most 249")
  .refine((name) => name !== '.' && name !== '..', 'is no legal topic name');
const userTopic = topic.refine((name) => !PLATFORM.test(name), "topics named headrace.* are the platform's own");
const atLeast0 = z.number().min(0);
const count = z.number().int().min(1);

const model = z
  .strictObject({
    name: modelName,
    alias: z
      .string()
      .superRefine((alias, context) => {
        const fault = newAliasFault(alias);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      })
      .optional(),
    version: z.number().int().min(1).max(2_147_483_647).optional(),
  })
  .refine(
    ({ alias, version }) => (alias === undefined) !== (version === undefined),
    'exactly one of alias and version is needed',
  );

const input = z
  .strictObject({
    topic: userTopic,
    subject: field.optional(),
    recordId: field.optional(),
    eventTime: field.optional(),
    features: z
      .array(field)
      .min(1)
      .max(10_000)
      .refine((features) => new Set(features).size === features.length, 'a feature is named twice'),
    defaults: z.record(field, z.number()).optional(),
    missing: z.enum(['reject', 'nan']).optional(),
  })
  .superRefine(({ features, defaults = {} }, context) => {
    for (const [name, value] of Object.entries(defaults)) {
      const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['defaults', name], message });
      if (!features.includes(name)) refuse('is none of the features');
      if (!Number.isFinite(Math.fround(value))) refuse('is beyond what a model takes (float32)');
    }
  });

const plain = z.strictObject({
  topic: userTopic,
  subject: field.optional(),
  fields: z.record(
    field,
    z.string().refine((source) => plainSource(source) !== undefined, `is no source: expected ${PLAIN_SOURCES}`),
  ),
});

const output = z.strictObject({
  topic: topic
    .refine(
      (name) => name === DEFAULT_OUTPUT || !PLATFORM.test(name),
      `of the platform's own topics only ${DEFAULT_OUTPUT} takes predictions`,
    )
    .default(DEFAULT_OUTPUT),
  score: field.optional(),
  echo: z.boolean().optional(),
  plain: plain.optional(),
});

const batch = z.strictObject({
  maxRecords: count.max(4096).optional(),
  maxDelayMs: nonNegative.refine((ms) => ms <= LONGEST_DELAY_MS, `expected at most ${LONGEST_DELAY_MS} ms`).optional(),
});

const explain = z.strictObject({
  method: z.literal('shapley').default('shapley'),
  baseline: z.record(field, z.number()),
  share: z.number().gt(0).max(1).default(1),
  permutations: count.max(1024).default(16),
});

const labels = z.strictObject({ topic: userTopic, recordId: field, value: field, eventTime: field.optional() });

const reference = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('training') }),
  z
    .strictObject({ kind: z.literal('fixed'), from: z.number().int(), to: z.number().int() })
    .refine(({ from, to }) => from < to, 'from must lie before to'),
  z.strictObject({ kind: z.literal('trailing'), windows: count.max(100) }),
]);

const segment = z
  .strictObject({ name: field, feature: field, from: z.number().optional(), to: z.number().optional() })
  .refine(({ from, to }) => from !== undefined || to !== undefined, 'needs from, to or both');

const kpi = z
  .strictObject({
    name: field,
    topic: userTopic,
    recordId: field.optional(),
    entity: field.optional(),
    value: field,
    eventTime: field.optional(),
    nameField: field.optional(),
    materiality: atLeast0,
    worseWhen: z.enum(['higher', 'lower', 'different']).default('lower'),
  })
  .refine(
    ({ recordId, entity }) => (recordId === undefined) !== (entity === undefined),
    'exactly one of recordId and entity is needed',
  );

const monitor = z.strictObject({
  windowMs: positive.default(7 * DAY_MS),
  panes: count.min(2).max(200).default(7),
  allowedLatenessMs: nonNegative.default(DAY_MS),
  labelsTtlMs: positive.optional(),
  minRows: count.default(500),
  materiality: z
    .strictObject({
      auc: atLeast0.default(0.02),
      logLoss: atLeast0.default(0.02),
      calibrationError: atLeast0.default(0.03),
      psi: atLeast0.default(0.2),
      baseRate: atLeast0.optional(),
      quality: atLeast0.max(1).default(0.05),
      attribution: atLeast0.max(1).optional(),
      volume: z.number().gt(0).lt(1).default(0.5),
      freshness: atLeast0.max(1).default(0.25),
    })
    .prefault({}),
  budget: z
    .strictObject({ alpha: z.number().gt(0).lt(1).default(0.05), horizon: count.max(1_000_000).default(100) })
    .prefault({}),
  reference: reference.prefault({ kind: 'training' }),
  segments: z
    .array(segment)
    .max(MOST_SEGMENTS)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a segment is named twice')
    .default([]),
  categories: z.array(field).default([]),
  kpis: z
    .array(kpi)
    .max(MOST_KPIS)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a KPI is named twice')
    .optional(),
  persistence: count.default(2),
  cooldownMs: nonNegative.default(14 * DAY_MS),
  commandsPerDay: count.default(1),
  action: z.enum(['report', 'alert', 'retrain']).default('alert'),
});

const training = z.strictObject({
  trainer: z.string().min(1).max(100).default('mlp'),
  windowMs: positive.nullable().default(null),
  bootstrapAfterMs: positive.nullable().default(28 * DAY_MS),
  holdoutMs: positive.default(7 * DAY_MS),
  gate: z
    .strictObject({
      minRows: count.default(300),
      minAucGain: z.number().min(-1).max(1).default(-0.002),
      maxLogLossIncrease: z.number().default(0),
      maxCalibrationError: z.number().min(0).max(1).default(0.1),
    })
    .prefault({}),
});

const spec: z.ZodType<DeploymentSpec> = z.strictObject({
  model,
  input,
  output: output.prefault({}),
  labels: labels.optional(),
  batch: batch.optional(),
  explain: explain.optional(),
  isolation: z.enum(['shared', 'dedicated']).optional(),
  monitor: monitor.optional(),
  training: training.optional(),
});

/** Lower-case letters, digits and '-': the name is part of prediction ids, consumer groups and URLs. */
export const deploymentName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "expected lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit",
  );

export const deploymentDocument = z.strictObject({
  apiVersion: z.literal('headrace.dev/v1'),
  kind: z.literal('Deployment'),
  metadata: z.strictObject({ name: deploymentName }),
  spec,
});
