import { baseConfig, gatewayConfig, HeadraceError, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const processes = z.coerce.number().int().min(1).max(256);

const shape = {
  ...baseConfig,
  ...gatewayConfig,
  ...kafkaConfig,
  PORT: baseConfig.PORT.default(8104),
  /** Longer than elsewhere: see checked(). */
  KAFKA_SESSION_TIMEOUT_MS: kafkaConfig.KAFKA_SESSION_TIMEOUT_MS.default(15_000),
  /** Folder for copies of model files. */
  MODEL_CACHE_DIR: z.string().default(join(tmpdir(), 'headrace-models')),
  /** Worker processes that share all deployments; default one a core. */
  STREAMING_WORKERS: processes.default(() => availableParallelism()),
  /** Worker processes of each deployment with `isolation: dedicated`. */
  STREAMING_DEDICATED_WORKERS: processes.default(1),
  /** Journals of the workers; on a file system of this machine. */
  STREAMING_STATE_DIR: z.string().default(join(tmpdir(), 'headrace-streaming')),
  /** A call of a model that takes longer is taken for one that never ends. */
  MODEL_CALL_LIMIT_MS: z.coerce.number().int().min(200).default(10_000),
  /** Resident memory that a worker, or the probe of a version, may take. */
  MODEL_MEMORY_LIMIT_MIB: z.coerce.number().int().min(64).default(2048),
  /** A version that does not answer its probe in this time is refused. */
  PROBE_TIMEOUT_MS: z.coerce.number().int().min(100).default(20_000),
};

export type StreamingConfig = ReturnType<typeof readConfig>;

/** From the last heartbeat a member has sent before it hangs until it is missed: the session without one heartbeat interval, which is a quarter. */
const MISSED_AFTER = 3 / 4;
/** To see the hang and to publish the quarantine, ms. */
const MARGIN_MS = 1000;

/** The only reader of the environment. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = loadConfig(shape, env);
  const { KAFKA_SESSION_TIMEOUT_MS: session, MODEL_CALL_LIMIT_MS: limit } = config;
  // Else the group would give a hung worker's partitions, and the hang with them, to the next worker before the version is quarantined.
  if (session * MISSED_AFTER < limit + MARGIN_MS)
    throw new HeadraceError(
      'CONFIG_INVALID',
      `Configuration is invalid:\n  KAFKA_SESSION_TIMEOUT_MS: ${session} is too short for MODEL_CALL_LIMIT_MS ${limit}; at least ${Math.ceil((limit + MARGIN_MS) / MISSED_AFTER)}`,
    );
  return config;
}
