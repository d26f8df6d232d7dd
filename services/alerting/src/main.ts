import { runService } from '@headrace/service-kit';
import { AlertingModule } from './alerting.module.js';
import { readConfig } from './config.js';

const config = readConfig();
await runService({ name: 'alerting', config, module: AlertingModule.forRoot(config) });
