import { Controller, Get, Header, Inject } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** Liveness says the process answers; readiness says it can work; metrics for Prometheus. */
@Controller()
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('health/ready')
  async ready(): Promise<HealthCheckResult> {
    const states = Object.entries(await this.readiness.evaluate());
    return this.health.check(
      states.map(([name, fault]) => () => {
        const indicator = this.indicators.check(name);
        return fault === undefined ? indicator.up() : indicator.down(fault);
      }),
    );
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(): Promise<string> {
    return this.metrics.scrape();
  }
}
