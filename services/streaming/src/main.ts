import { runService } from '@headrace/service-kit';
import { readConfig } from './config.js';
import { StreamingModule } from './streaming.module.js';

const config = readConfig();
await runService({ name: 'streaming', config, module: StreamingModule.forRoot(config) });
