import { runService } from '@headrace/service-kit';
import { loadGatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { routeOf } from './proxy/routes.js';

const config = loadGatewayConfig();
await runService({
  name: 'gateway',
  config,
  module: GatewayModule.forRoot(config),
  // Bodies of forwarded requests are streamed through, so nobody may read them here.
  rawBody: (request) => routeOf(request.path) !== undefined,
});
