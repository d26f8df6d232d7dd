import { gatewayConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { join } from 'node:path';
import { z } from 'zod';

const repository = join(import.meta.dirname, '..', '..', '..');

const shape = {
  ...kafkaConfig,
  ...gatewayConfig,
  /** One flight in so many is played; 1 plays all 3 million. */
  DEMO_SAMPLE: z.coerce.number().int().min(1).default(40),
  DEMO_SEED: z.coerce.number().int().default(1),
  /** Real seconds an event week takes after the bootstrap weeks. */
  DEMO_WEEK_SECONDS: z.coerce.number().positive().default(4),
  /** Where the prepared sample is kept. */
  DEMO_FOLDER: z.string().default(join(repository, '.headrace', 'demo')),
  DEMO_FLIGHTS_FILE: z
    .string()
    .default(join(repository, 'node_modules', 'vega-datasets', 'data', 'flights-3m.parquet')),
};

export type DemoConfig = ReturnType<typeof readConfig>;

export function readConfig() {
  return loadConfig(shape);
}

export const deploymentsFolder = join(import.meta.dirname, '..', 'deployments');
