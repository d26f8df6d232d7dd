import { runService } from '@headrace/service-kit';
import { readConfig } from './config.js';
import { isArtifactContent } from './artifacts/artifact-proxy.controller.js';
import { TrackingModule } from './tracking.module.js';

const config = readConfig();
await runService({ name: 'tracking', config, module: TrackingModule.forRoot(config), rawBody: isArtifactContent });
