import type { AlertChanged } from '@headrace/contracts';
import type { Logger } from '@headrace/service-kit';
import type { Channel } from './channel.js';

/** Alerts as log records. */
export class LogChannel implements Channel {
  readonly name = 'log';

  constructor(private readonly logger: Logger) {}

  async deliver(alert: AlertChanged): Promise<void> {
    const level = alert.state === 'FIRING' && alert.severity !== 'INFO' ? 'warn' : 'info';
    this.logger[level]({ alert }, `${alert.rule} ${alert.state.toLowerCase()}: ${alert.summary}`);
  }
}
