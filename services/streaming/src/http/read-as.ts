import { HeadraceError } from '@headrace/service-kit';
import type { z } from 'zod';

/** @throws HeadraceError INPUT_INVALID with every fault */
export function readAs<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const text = faults.map(({ path, message }) => `${path || 'request'}: ${message}`).join('; ');
  throw new HeadraceError('INPUT_INVALID', text, { context: { faults } });
}
