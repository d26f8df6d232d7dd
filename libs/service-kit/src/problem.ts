import { HeadraceError, type ErrorCode } from './errors.js';

const STATUS: Record<ErrorCode, number> = {
  CONFIG_INVALID: 500,
  INPUT_INVALID: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  FORBIDDEN: 403,
  UNAVAILABLE: 503,
  FENCED: 409,
  SCHEMA_UNKNOWN: 400,
  UNDECODABLE: 400,
  MODEL_INVALID: 422,
  MODEL_CRASHED: 422,
  MODEL_HANGS: 422,
  MODEL_TOO_LARGE: 422,
  MODEL_QUARANTINED: 422,
  INTERNAL: 500,
};

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  [extension: string]: unknown;
}

/** Exported for doors that answer in another protocol's shape and only want status and text. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HeadraceError) {
    const status = STATUS[error.code];
    return { ...error.context, type: 'about:blank', title: error.code, status, detail: error.message };
  }
  const status = statusOf(error);
  if (status === undefined) {
    return {
      type: 'about:blank',
      title: 'INTERNAL',
      status: 500,
      detail: 'Unexpected error; the service log has the details',
    };
  }
  return { type: 'about:blank', title: (error as Error).name, status, detail: (error as Error).message };
}

/** Nest's HttpException has getStatus; body-parser's errors carry a 4xx status of their own. */
function statusOf(error: unknown): number | undefined {
  const { getStatus, status } = (error ?? {}) as { getStatus?: unknown; status?: unknown };
  if (error instanceof Error && typeof getStatus === 'function') return getStatus.call(error) as number;
  return error instanceof Error && typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
