import type { Logger } from '@headrace/service-kit';
import type { AlertingConfig } from '../config.js';
import type { Channel } from './channel.js';
import { LogChannel } from './log.channel.js';
import { WebhookChannel } from './webhook.channel.js';

/** Every way there is to tell people; null where it is not configured. A new one: a file, and a line here. */
const register: ReadonlyArray<(config: AlertingConfig, logger: Logger) => Channel | null> = [
  (_, logger) => new LogChannel(logger),
  ({ ALERT_WEBHOOK_URL: url, GATEWAY_URL }) =>
    url ? new WebhookChannel(url, new URL('/api/headrace/v1/alerts', GATEWAY_URL).href) : null,
];

export function openChannels(config: AlertingConfig, logger: Logger): Channel[] {
  return register.flatMap((open) => open(config, logger) ?? []);
}
