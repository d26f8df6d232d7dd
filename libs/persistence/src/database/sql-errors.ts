/** SQLSTATE of an error that PostgreSQL sent, undefined for any other. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** A row with that key is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** The transaction lost against another one and can be run again as it is (deadlock, serialisation). */
export function isTransactionConflict(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '');
}

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);
/** pg has no code for these; they are the whole message or its start. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * PostgreSQL is away, starting or stopping (SQLSTATE classes 08, 53300 and 57P0x), so that the same call may work later. Says nothing on whether
 * the statement that was under way took effect: callers repeat only what is idempotent.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith('08') || state === '53300' || state.startsWith('57P0');
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return (code !== undefined && NETWORK.has(code)) || LOST.test(message ?? '');
}
