import { Metrics } from '@headrace/service-kit';
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { Counter } from 'prom-client';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { forward, type Target } from './forward.js';
import { routeOf, type ServiceName } from './routes.js';

/** Sends what belongs to a service there; everything else goes on to the gateway's own controllers. */
@Injectable()
export class ProxyMiddleware implements NestMiddleware<Request, Response> {
  private readonly targets: Record<ServiceName, Target>;
  private readonly passed: Counter<'service' | 'status'>;

  constructor(@Inject(GATEWAY_CONFIG) config: GatewayConfig, @Inject(Metrics) metrics: Metrics) {
    const target = (service: ServiceName, url: string): Target => ({
      service,
      url: new URL(url),
      timeoutMs: config.PROXY_TIMEOUT_MS,
    });
    this.targets = {
      tracking: target('tracking', config.TRACKING_URL),
      registry: target('registry', config.REGISTRY_URL),
      serving: target('serving', config.SERVING_URL),
      streaming: target('streaming', config.STREAMING_URL),
      drift: target('drift', config.DRIFT_URL),
      training: target('training', config.TRAINING_URL),
      alerting: target('alerting', config.ALERTING_URL),
    };
    this.passed = metrics.counter({
      name: 'headrace_gateway_forwarded_requests_total',
      help: 'Requests passed on to a service, by the status that the caller got',
      labelNames: ['service', 'status'],
    });
  }

  use(request: Request, response: Response, next: NextFunction): void {
    // Not request.path: Nest mounts middleware under the pattern, which leaves of it what comes after.
    const service = routeOf(request.originalUrl.split('?', 1)[0]!);
    if (service === undefined) return next();
    response.on('finish', () => this.passed.inc({ service, status: response.statusCode }));
    forward(request, response, this.targets[service]);
  }
}
