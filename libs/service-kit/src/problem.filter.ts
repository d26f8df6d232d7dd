import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from './logger.js';
import { toProblem } from './problem.js';

/** Another protocol's way to tell errors, on its own paths. */
export interface ProtocolFilter {
  applies(path: string): boolean;
  readonly filter: ExceptionFilter;
}

/** Turns whatever was thrown into application/problem+json (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly protocols: readonly ProtocolFilter[] = [],
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<Request>();
    const protocol = this.protocols.find((each) => each.applies(request.path));
    if (protocol) return protocol.filter.catch(error, host);
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
