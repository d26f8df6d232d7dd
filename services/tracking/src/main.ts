import { isMlflowPath, MlflowErrorFilter } from '@headrace/mlflow-protocol';
import { runService } from '@headrace/service-kit';
import { isFileContent } from './artifacts/file-content.js';
import { readConfig } from './config.js';
import { TrackingModule } from './tracking.module.js';

const config = readConfig();
await runService({
  name: 'tracking',
  config,
  module: TrackingModule.forRoot(config),
  rawBody: isFileContent,
  protocols: (logger) => [{ applies: isMlflowPath, filter: new MlflowErrorFilter(logger) }],
});
