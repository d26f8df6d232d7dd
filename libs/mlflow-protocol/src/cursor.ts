import type { z } from 'zod';
import { invalidParameter } from './mlflow-error.js';

/** Where a page ended: the values that the next one comes after. Opaque to clients, so that the inside can change. */
export function encodeCursor(position: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws MlflowError INVALID_PARAMETER_VALUE for a token that no such search gave out */
export function decodeCursor<S extends z.ZodType>(token: string | undefined, position: S): z.infer<S> | undefined {
  if (token === undefined) return undefined;
  const read = position.safeParse(parse(token));
  if (read.success) return read.data;
  throw invalidParameter(`Invalid page token '${token.slice(0, 100)}'`);
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
