import { runService } from '@headrace/service-kit';
import { readConfig } from './config.js';
import { RegistryModule } from './registry.module.js';

const config = readConfig();
await runService({ name: 'registry', config, module: RegistryModule.forRoot(config) });
