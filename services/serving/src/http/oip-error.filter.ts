import { LOGGER, toProblem, type Logger } from '@headrace/service-kit';
import { Catch, Inject, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';

/** Errors in the Open Inference Protocol's shape: {"error": "…"}. */
@Injectable()
@Catch()
export class OipErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { status, detail } = toProblem(error);
    if (status >= 500) this.logger.error({ err: error, path: http.getRequest<Request>().path }, 'request failed');
    http.getResponse<Response>().status(status).json({ error: detail });
  }
}
