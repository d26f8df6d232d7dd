import { HeadraceError } from './errors.js';
import type { z } from 'zod';

/** One thing to change in what was sent. */
export interface Fault {
  /** Dotted, as in spec.input.features.0; empty for the whole document. */
  readonly path: string;
  readonly message: string;
}

/** Zod's issues, an unknown field each on its own. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is no known field' }));
  });
}

/** 400 with every fault in context.faults. */
export function invalid(what: string, faults: readonly Fault[]): HeadraceError {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  const lines = faults.map(({ path, message }) => `${path || 'document'}: ${message}`);
  return new HeadraceError('INPUT_INVALID', `${what} has ${count}: ${lines.join('; ')}`, { context: { faults } });
}

/** @throws HeadraceError INPUT_INVALID with every fault */
export function readAs<S extends z.ZodType>(schema: S, what: string, input: unknown): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalid(what, faultsOf(result.error));
}
