import {
  baseConfig,
  credentialsConfig,
  databaseConfig,
  gatewayConfig,
  kafkaConfig,
  loadConfig,
} from '@headrace/service-kit';
import { z } from 'zod';

const milliseconds = (fallback: number, least = 1) => z.coerce.number().int().min(least).default(fallback);

const shape = {
  ...baseConfig,
  ...gatewayConfig,
  /** How training names itself to tracking and the registry. */
  ...credentialsConfig,
  ...kafkaConfig,
  ...databaseConfig,
  PORT: baseConfig.PORT.default(8106),
  /** A worker silent for so long has lost its job to another one. */
  TRAINING_LEASE_MS: milliseconds(30_000, 1_000),
  /** Between two looks for a job that nobody announced (a lease that ran out, a retry that is due). */
  TRAINING_POLL_MS: milliseconds(1_000, 10),
  /** Between two looks at how far the labels of a deployment without a model have come. */
  TRAINING_BOOTSTRAP_POLL_MS: milliseconds(2_000, 10),
  /** Tries of one step before the job fails. */
  TRAINING_MAX_ATTEMPTS: z.coerce.number().int().min(1).default(8),
  /** Before the second try; doubles with each, at most a minute. */
  TRAINING_RETRY_MS: milliseconds(1_000),
  /** A job whose replay has not come back by then fails. */
  TRAINING_REPLAY_TIMEOUT_MS: milliseconds(30 * 60_000),
};

export type TrainingConfig = ReturnType<typeof readConfig>;

/** The only reader of the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  return loadConfig(shape, env);
}
