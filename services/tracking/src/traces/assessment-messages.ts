import { emptyableText, optionalText, text } from '@headrace/mlflow-protocol';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseLossless } from '../evaluation-datasets/lossless-json.js';

/** Any JSON, as PostgreSQL can hold it. */
const value = z
  .unknown()
  .transform((given) => (given === undefined ? undefined : parseLossless(JSON.stringify(given))))
  .optional();
const texts = z.record(text(250), emptyableText(8000));

/** What is no single value goes as JSON in a text: so MLflow answers it, however it was sent. */
function serialized(expectation: { value?: unknown; serialized_value?: unknown }) {
  const { value: given } = expectation;
  if (typeof given !== 'object' || given === null) return expectation;
  return { serialized_value: { serialization_format: 'JSON_FORMAT', value: JSON.stringify(given) } };
}

/** MLflow's words for what was said of a trace: feedback, or what should have come out. */
const fields = z.object({
  assessment_id: optionalText(64),
  assessment_name: text(250),
  span_id: optionalText(64),
  source: z.object({ source_type: text(50), source_id: optionalText(250) }).nullish(),
  create_time: optionalText(40),
  last_update_time: optionalText(40),
  feedback: z.object({ value, error: value }).nullish(),
  expectation: z.object({ value, serialized_value: value }).transform(serialized).nullish(),
  rationale: optionalText(100_000),
  metadata: texts.nullish(),
  overrides: optionalText(64),
  valid: z.boolean().nullish(),
});
export const assessment = fields.refine(
  ({ feedback, expectation }) => (feedback == null) !== (expectation == null),
  'expected either feedback or expectation',
);
type Given = z.infer<typeof assessment>;
export type Assessment = Given & { assessment_id: string; trace_id: string; valid: boolean };

export const createAssessment = z.object({ assessment });
const MASKED = ['assessment_name', 'feedback', 'expectation', 'rationale', 'metadata', 'valid'] as const;
/** protobuf's JSON of a field mask: names in camel case, with commas. */
const mask = z
  .string()
  .transform((names) =>
    names.split(',').map((name) => name.trim().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  )
  .pipe(z.array(z.enum(MASKED)));
export const updateAssessment = z.object({ assessment: fields.partial(), update_mask: mask });
export type UpdateAssessment = z.infer<typeof updateAssessment>;

export function newAssessment(trace_id: string, given: Given): Assessment {
  const now = new Date().toISOString();
  return {
    ...given,
    trace_id,
    assessment_id: given.assessment_id ?? `a-${randomUUID().replaceAll('-', '')}`,
    create_time: given.create_time ?? now,
    last_update_time: given.last_update_time ?? now,
    valid: given.valid ?? true,
  };
}

export const byId = (assessments: readonly Assessment[]): Record<string, Assessment> =>
  Object.fromEntries(assessments.map((each) => [each.assessment_id, each]));
