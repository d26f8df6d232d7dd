import { HeadraceError } from '@headrace/service-kit';
import { z } from 'zod';

const tensor = z.object({
  name: z.string(),
  shape: z.array(z.number().int().min(0)),
  datatype: z.string(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  data: z.array(z.unknown()),
});

const inferRequest = z.object({
  id: z.string().optional(),
  parameters: z
    .looseObject({
      /** Name the rows; else id and row number do. */
      record_ids: z.array(z.string().min(1)).optional(),
      /** ms since the epoch or ISO 8601; default now. */
      event_times: z.array(z.union([z.number(), z.string()])).optional(),
    })
    .optional(),
  inputs: z.array(tensor).min(1),
  outputs: z.array(z.object({ name: z.string(), parameters: z.record(z.string(), z.unknown()).optional() })).optional(),
});

export type InferRequest = z.infer<typeof inferRequest>;
export type RequestTensor = z.infer<typeof tensor>;

/** The body of an infer request of the Open Inference Protocol. @throws HeadraceError INPUT_INVALID with every fault */
export function parseInferRequest(body: unknown): InferRequest {
  const parsed = inferRequest.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw invalid(faults.join('; '));
}

export function invalid(message: string): HeadraceError {
  return new HeadraceError('INPUT_INVALID', message);
}
