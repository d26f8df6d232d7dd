/** Closed union of what can go wrong, for programs; the message is for people. */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'INPUT_INVALID'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'FORBIDDEN'
  | 'UNAVAILABLE'
  | 'FENCED'
  | 'SCHEMA_UNKNOWN'
  | 'UNDECODABLE'
  | 'MODEL_INVALID'
  | 'MODEL_CRASHED'
  | 'MODEL_HANGS'
  | 'MODEL_TOO_LARGE'
  | 'MODEL_QUARANTINED'
  | 'INTERNAL';

/** now: the same call may work at once; later: after a pause; never: something must be changed first. */
export type RetryAdvice = 'now' | 'later' | 'never';

export interface ErrorDetails {
  readonly retry?: RetryAdvice;
  readonly cause?: unknown;
  /** Ids and values that the message speaks of. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** The one error base. HTTP and gRPC status are decided in the doors, by code. */
export class HeadraceError extends Error {
  readonly code: ErrorCode;
  readonly retry: RetryAdvice;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'HeadraceError';
    this.code = code;
    this.retry = details.retry ?? (code === 'UNAVAILABLE' ? 'later' : 'never');
    this.context = details.context ?? {};
  }
}

/** Text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
