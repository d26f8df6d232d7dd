import { Controller, Get } from '@nestjs/common';
import { ROUTES } from './proxy/routes.js';

const OWN = [
  '/subjects',
  '/schemas',
  '/config',
  '/compatibility',
  '/mode',
  '/dashboards',
  '/health/live',
  '/health/ready',
  '/metrics',
];

/** What lies where behind this address. */
@Controller()
export class IndexController {
  @Get()
  index(): { name: string; routes: { path: string; service: string }[] } {
    const routes = { ...ROUTES, ...Object.fromEntries(OWN.map((path) => [path, 'gateway'])) };
    return { name: 'headrace', routes: Object.entries(routes).map(([path, service]) => ({ path, service })) };
  }
}
