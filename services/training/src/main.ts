import { runService } from '@headrace/service-kit';
import { readConfig } from './config.js';
import { TrainingModule } from './training.module.js';

const config = readConfig();
await runService({ name: 'training', config, module: TrainingModule.forRoot(config) });
