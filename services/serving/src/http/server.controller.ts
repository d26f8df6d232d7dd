import { Readiness } from '@headrace/service-kit';
import { Controller, Get, Inject, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { OipErrorFilter } from './oip-error.filter.js';

/** The server as the Open Inference Protocol sees it. */
@Controller('v2')
@UseFilters(OipErrorFilter)
export class ServerController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get()
  metadata() {
    return { name: 'headrace', version: '2', extensions: [] };
  }

  @Get('health/live')
  live() {
    return { live: true };
  }

  /** Ready when the service is: an answer needs the log. */
  @Get('health/ready')
  async ready(@Res({ passthrough: true }) response: Response) {
    const ready = Object.values(await this.readiness.evaluate()).every((fault) => fault === undefined);
    response.status(ready ? 200 : 503);
    return { ready };
  }
}
