import { Module, type DynamicModule } from '@nestjs/common';
import { UnknownEndpointController } from '@headrace/mlflow-protocol';
import { BlobStore, LocalBlobStore, PersistenceModule } from '@headrace/persistence';
import { ArtifactProxyController } from './artifacts/artifact-proxy.controller.js';
import { RunArtifactsController } from './artifacts/run-artifacts.controller.js';
import type { TrackingConfig } from './config.js';
import { ExperimentsController } from './experiments/experiments.controller.js';
import { Experiments } from './experiments/experiments.js';
import { LoggedModelsController } from './runs/logged-models.controller.js';
import { MetricsController } from './runs/metrics.controller.js';
import { RunInputs } from './runs/run-inputs.js';
import { RunLog } from './runs/run-log.js';
import { RunSearch } from './runs/run-search.js';
import { Runs } from './runs/runs.js';
import { RunsController } from './runs/runs.controller.js';

@Module({})
export class TrackingModule {
  static forRoot(config: TrackingConfig): DynamicModule {
    return {
      module: TrackingModule,
      imports: [
        PersistenceModule.forRoot({
          config,
          schema: config.DATABASE_SCHEMA,
          migrations: [new URL('../migrations/', import.meta.url)],
        }),
      ],
      controllers: [
        ExperimentsController,
        RunsController,
        MetricsController,
        RunArtifactsController,
        ArtifactProxyController,
        LoggedModelsController,
        UnknownEndpointController,
      ],
      providers: [
        Experiments,
        Runs,
        RunLog,
        RunInputs,
        RunSearch,
        { provide: BlobStore, useFactory: () => new LocalBlobStore(config.ARTIFACTS_DIR) },
      ],
    };
  }
}
