import { baseConfig, gatewayConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const shape = {
  ...baseConfig,
  ...gatewayConfig,
  ...kafkaConfig,
  PORT: baseConfig.PORT.default(8103),
  /** Folder for copies of model files. */
  MODEL_CACHE_DIR: z.string().min(1).default(join(tmpdir(), 'headrace-models')),
  /** Rows that one request may ask for. */
  MAX_ROWS: z.coerce.number().int().min(1).default(4096),
  /** Largest request body. */
  BODY_LIMIT: z
    .string()
    .regex(/^\d+(kb|mb)$/, 'expected a size such as 16mb')
    .default('16mb'),
};

/** The only reader of the environment. */
export const readConfig = (env: NodeJS.ProcessEnv = process.env) => loadConfig(shape, env);
export type ServingConfig = ReturnType<typeof readConfig>;
