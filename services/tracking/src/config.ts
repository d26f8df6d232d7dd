import { baseConfig, databaseConfig, identityConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { z } from 'zod';

const shape = {
  ...baseConfig,
  PORT: baseConfig.PORT.default(8101),
  ...databaseConfig,
  /** The service's own PostgreSQL schema. */
  DATABASE_SCHEMA: z.string().default('tracking'),
  ...kafkaConfig,
  ...identityConfig,
  /** Folder of the artifact files. */
  ARTIFACTS_DIR: z.string().min(1).default('.headrace/artifacts'),
  /** Bucket of the artifact files, instead of a folder. Region and credentials are AWS's own variables. */
  ARTIFACTS_S3_BUCKET: z.string().min(1).optional(),
  /** Before every key of the bucket. */
  ARTIFACTS_S3_PREFIX: z
    .string()
    .default('')
    .transform((prefix) => prefix.replace(/^\/+|\/+$/g, '')),
  /** Address of another server that speaks S3. */
  ARTIFACTS_S3_ENDPOINT: z.url().optional(),
};

export type TrackingConfig = ReturnType<typeof readConfig>;

export function readConfig(env?: NodeJS.ProcessEnv) {
  return loadConfig(shape, env);
}
