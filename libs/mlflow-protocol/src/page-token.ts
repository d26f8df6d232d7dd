import { invalidParameter } from './mlflow-error.js';

/** Where the next page of a search begins. Opaque to clients, so that the inside can change. */
export function encodePageToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64url');
}

/** @throws MlflowError INVALID_PARAMETER_VALUE for a token that no search of ours gave out */
export function decodePageToken(token: string | undefined): number {
  if (token === undefined) return 0;
  try {
    const { offset } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { offset?: unknown };
    if (Number.isSafeInteger(offset) && (offset as number) >= 0) return offset as number;
  } catch {
    // not ours
  }
  throw invalidParameter(`Invalid page token '${token.slice(0, 100)}'`);
}

/** Splits one row more than asked for into the page and the token of the next one. */
export function pageOf<T>(
  rows: readonly T[],
  offset: number,
  size: number,
): { page: T[]; nextPageToken: string | undefined } {
  return {
    page: rows.slice(0, size),
    nextPageToken: rows.length > size ? encodePageToken(offset + size) : undefined,
  };
}
