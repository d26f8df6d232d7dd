import { baseConfig, databaseConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { z } from 'zod';

const shape = {
  ...baseConfig,
  PORT: baseConfig.PORT.default(8101),
  ...databaseConfig,
  /** The service's own PostgreSQL schema. */
  DATABASE_SCHEMA: z.string().default('tracking'),
  ...kafkaConfig,
  /** Folder of the artifact files. */
  ARTIFACTS_DIR: z.string().min(1).default('.headrace/artifacts'),
};

export type TrackingConfig = ReturnType<typeof readConfig>;

export function readConfig(env?: NodeJS.ProcessEnv) {
  return loadConfig(shape, env);
}
