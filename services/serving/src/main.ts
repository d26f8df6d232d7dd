import { runService } from '@headrace/service-kit';
import { readConfig } from './config.js';
import { ServingModule } from './serving.module.js';

const config = readConfig();
await runService({
  name: 'serving',
  config,
  module: ServingModule.forRoot(config),
  bodyLimit: config.BODY_LIMIT,
});
