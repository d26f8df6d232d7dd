import { topics } from '@headrace/contracts';
import { baseConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const GATEWAY_CONFIG = Symbol('headrace.gateway.config');

const service = (port: number) => z.url({ protocol: /^https?$/ }).default(`http://127.0.0.1:${port}`);

const shape = {
  ...baseConfig,
  ...kafkaConfig,
  PORT: baseConfig.PORT.default(8080),
  /** Holds the schema registry's state; two gateways on one Kafka must not share it. */
  SCHEMAS_TOPIC: z.string().min(1).default(topics.schemas.name),
  TRACKING_URL: service(8101),
  REGISTRY_URL: service(8102),
  SERVING_URL: service(8103),
  STREAMING_URL: service(8104),
  DRIFT_URL: service(8105),
  TRAINING_URL: service(8106),
  ALERTING_URL: service(8107),
  /** Silence of a service after which a request is answered with 504, ms. */
  PROXY_TIMEOUT_MS: z.coerce.number().int().min(1).default(60_000),
  /** Folder with Grafana dashboards, one JSON file each. */
  DASHBOARDS_DIR: z
    .string()
    .min(1)
    .default(fileURLToPath(new URL('../../../deploy/grafana/dashboards', import.meta.url))),
};

export const loadGatewayConfig = (env: NodeJS.ProcessEnv = process.env) => loadConfig(shape, env);
export type GatewayConfig = ReturnType<typeof loadGatewayConfig>;
