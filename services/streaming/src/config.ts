import { baseConfig, gatewayConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const shape = {
  ...baseConfig,
  ...gatewayConfig,
  ...kafkaConfig,
  PORT: baseConfig.PORT.default(8104),
  /** Folder for copies of model files. */
  MODEL_CACHE_DIR: z.string().default(join(tmpdir(), 'headrace-models')),
};

export type StreamingConfig = ReturnType<typeof readConfig>;

/** The only reader of the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig(shape, env);
}
