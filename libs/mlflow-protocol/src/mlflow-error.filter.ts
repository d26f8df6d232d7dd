import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HeadraceError, LOGGER, type ErrorCode, type Logger } from '@headrace/service-kit';
import type { Response } from 'express';
import { MlflowError, type MlflowErrorCode } from './mlflow-error.js';

const CODES: Partial<Record<ErrorCode, MlflowErrorCode>> = {
  INPUT_INVALID: 'INVALID_PARAMETER_VALUE',
  MODEL_INVALID: 'INVALID_PARAMETER_VALUE',
  NOT_FOUND: 'RESOURCE_DOES_NOT_EXIST',
  ALREADY_EXISTS: 'RESOURCE_ALREADY_EXISTS',
  CONFLICT: 'RESOURCE_CONFLICT',
  FORBIDDEN: 'PERMISSION_DENIED',
  UNAVAILABLE: 'TEMPORARILY_UNAVAILABLE',
};

/** Turns whatever a handler threw into MLflow's error body; the client retries on 503. */
@Catch()
export class MlflowErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const answer = toMlflowError(error);
    if (answer.status >= 500) this.logger.error({ err: error }, 'request failed');
    if (response.headersSent) response.destroy();
    else response.status(answer.status).json(answer.toBody());
  }
}

/** What MLflow's client is told about any error; nothing of an unexpected one but that it is in the log. */
export function toMlflowError(error: unknown): MlflowError {
  if (error instanceof MlflowError) return error;
  if (error instanceof HeadraceError) {
    const code = CODES[error.code];
    if (code) return new MlflowError(code, error.message, { cause: error });
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    return new MlflowError(error.getStatus() === 401 ? 'UNAUTHENTICATED' : 'BAD_REQUEST', error.message, {
      cause: error,
    });
  }
  if (isBodyFault(error)) {
    return new MlflowError('INVALID_PARAMETER_VALUE', `The request's body cannot be read: ${error.message}`, {
      cause: error,
    });
  }
  return new MlflowError('INTERNAL_ERROR', 'Unexpected error; the service log has the details', { cause: error });
}

/** What express's body parser throws at malformed JSON, a body that is too large, a wrong charset. */
function isBodyFault(error: unknown): error is Error & { status: number } {
  const { status, expose } = (error ?? {}) as { status?: unknown; expose?: unknown };
  return error instanceof Error && expose === true && typeof status === 'number' && status < 500;
}
