import type { NextFunction, Request, Response } from 'express';
import type { Metrics } from './metrics.js';

/** Counts and times every HTTP request by route pattern, never by raw path (which would grow without bound). */
export function httpMetrics(metrics: Metrics) {
  const requests = metrics.counter({
    name: 'headrace_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['method', 'route', 'status'],
  });
  const duration = metrics.histogram({
    name: 'headrace_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    const end = duration.startTimer();
    response.on('finish', () => {
      const route = typeof request.route?.path === 'string' ? request.route.path : 'unmatched';
      requests.inc({ method: request.method, route, status: response.statusCode });
      end({ method: request.method, route });
    });
    next();
  };
}
