import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { HeadraceError, type ErrorCode } from './errors.js';
import type { Logger } from './logger.js';

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
  INTERNAL: 500,
};

/** Turns whatever was thrown into application/problem+json (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<Request>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof HttpException && request.path.startsWith('/health/')) {
      response.status(error.getStatus()).json(error.getResponse());
      return;
    }
    const problem = toProblem(error);
    if (problem.status >= 500) this.logger.error({ err: error, path: request.path }, 'request failed');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

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

/** HttpException has getStatus; body-parser's errors carry a 4xx status of their own. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { status?: unknown } | null)?.status;
  return error instanceof Error && typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
