import { runService } from '@headrace/service-kit';
import { readConfig } from './config.js';
import { DriftModule } from './drift.module.js';

const config = readConfig();
await runService({ name: 'drift', config, module: DriftModule.forRoot(config) });
