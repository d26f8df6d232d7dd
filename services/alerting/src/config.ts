import { baseConfig, databaseConfig, gatewayConfig, kafkaConfig, loadConfig } from '@headrace/service-kit';
import { z } from 'zod';

const ms = z.coerce.number().int().min(1);

/** name=url,name=url: the services whose readiness is watched. */
const services = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => {
        const [name = '', ...url] = part.trim().split('=');
        return { name, url: url.join('=').replace(/\/$/, '') };
      }),
  )
  .pipe(z.array(z.object({ name: z.string().min(1), url: z.url() })));

const shape = {
  ...baseConfig,
  PORT: baseConfig.PORT.default(8107),
  ...gatewayConfig,
  ...kafkaConfig,
  ...databaseConfig,
  SERVICES: services,
  /** Takes Alertmanager v2 alerts (its own /api/v2/alerts, or a receiver of yours); absent: the log only. */
  ALERT_WEBHOOK_URL: z.url().optional(),
  /** Prefix of the consumer groups. */
  ALERT_GROUP: z.string().min(1).default('headrace.alerting'),
  /** How long a service must be unready before it is an alert. */
  ALERT_SERVICE_DOWN_FOR_MS: ms.default(30_000),
  /** Pause between two looks at the services, and at alerts that end by themselves. */
  ALERT_POLL_INTERVAL_MS: ms.default(5_000),
  /** A dead-letter alert is over when none has come for so long. */
  ALERT_DEAD_LETTER_QUIET_MS: ms.default(300_000),
};

export type AlertingConfig = ReturnType<typeof readConfig>;

/** @throws HeadraceError CONFIG_INVALID with every fault listed */
export function readConfig() {
  return loadConfig(shape);
}
