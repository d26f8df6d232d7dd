import { baseConfig, databaseConfig, gatewayConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { z } from 'zod';

const shape = {
  ...baseConfig,
  PORT: baseConfig.PORT.default(8102),
  ...databaseConfig,
  /** The service's own PostgreSQL schema. */
  DATABASE_SCHEMA: z.string().default('registry'),
  ...kafkaConfig,
  ...gatewayConfig,
};

export type RegistryConfig = ReturnType<typeof readConfig>;

/** @throws HeadraceError CONFIG_INVALID with every fault listed */
export function readConfig(env?: NodeJS.ProcessEnv) {
  return loadConfig(shape, env);
}
