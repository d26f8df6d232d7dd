import { baseConfig, databaseConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { z } from 'zod';

const ms = z.coerce.number().int().min(1);

const shape = {
  ...baseConfig,
  PORT: baseConfig.PORT.default(8105),
  ...kafkaConfig,
  ...databaseConfig,
  /** Prefix of the consumer groups; the database's incarnation and the topic follow. */
  DRIFT_GROUP: z.string().min(1).default('headrace.drift'),
  /** A partition that is fully read and silent for so long does not hold the watermark back. */
  DRIFT_IDLE_PARTITION_MS: ms.default(30_000),
  /** Event time by which a record may run ahead of its partition's median and still move the watermark. */
  DRIFT_MAX_EVENT_TIME_AHEAD_MS: ms.default(86_400_000),
  /** How long late labels gather before a closed window's figures are computed again. */
  DRIFT_AMEND_AFTER_MS: ms.default(10_000),
  /** Pause between two looks for windows that are due. */
  DRIFT_CLOSE_INTERVAL_MS: ms.default(500),
};

export type DriftConfig = ReturnType<typeof readConfig>;

/** @throws HeadraceError CONFIG_INVALID with every fault listed */
export function readConfig() {
  return loadConfig(shape);
}
