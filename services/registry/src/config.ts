import {
  baseConfig,
  databaseConfig,
  gatewayConfig,
  identityConfig,
  kafkaConfig,
  loadConfig,
} from '@headrace/service-kit';
import { z } from 'zod';

const shape = {
  ...baseConfig,
  PORT: baseConfig.PORT.default(8102),
  ...databaseConfig,
  /** The service's own PostgreSQL schema. */
  DATABASE_SCHEMA: z.string().default('registry'),
  ...kafkaConfig,
  ...gatewayConfig,
  ...identityConfig,
  /** Which webhooks may be called; MLflow's own setting is https alone. */
  WEBHOOK_ALLOWED_SCHEMES: z
    .string()
    .default('https')
    .transform((text) => text.split(',').map((scheme) => scheme.trim().toLowerCase()))
    .pipe(z.array(z.enum(['http', 'https'])).min(1)),
  /** Whether webhooks may lie at addresses that are not on the public internet. */
  WEBHOOK_ALLOW_PRIVATE_IPS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true'),
  /** 32 bytes as base64: what webhooks' secrets are encrypted with. Without it none can be set. */
  WEBHOOK_SECRET_KEY: z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((key) => key.length === 32, 'expected 32 bytes as base64')
    .optional(),
  WEBHOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(10_000),
  /** Tries at a delivery before it is dead; with the pauses between them, 8 are about two minutes. */
  WEBHOOK_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(100).default(8),
};

export type RegistryConfig = ReturnType<typeof readConfig>;

/** @throws HeadraceError CONFIG_INVALID with every fault listed */
export function readConfig(env?: NodeJS.ProcessEnv) {
  return loadConfig(shape, env);
}
