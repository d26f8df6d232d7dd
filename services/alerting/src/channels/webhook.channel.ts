import type { AlertChanged } from '@headrace/contracts';
import { HeadraceError } from '@headrace/service-kit';
import type { Channel } from './channel.js';

const TIMEOUT_MS = 10_000;
/** Alertmanager takes an alert without an end for over after a few minutes; ours last until we say so. */
const FOREVER_MS = 10 * 365 * 86_400_000;

/** One alert of Alertmanager's v2 API (`POST /api/v2/alerts` takes a list). */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** Posts what Alertmanager's v2 API takes: to Alertmanager itself, or to anything that reads the same JSON. */
export class WebhookChannel implements Channel {
  readonly name = 'webhook';

  constructor(
    private readonly url: string,
    private readonly generatorUrl: string,
  ) {}

  /** @throws HeadraceError UNAVAILABLE for anything but a 2xx answer within 10 s */
  async deliver(alert: AlertChanged, idempotencyKey: string): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify([postableAlert(alert, this.generatorUrl)]),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.text();
    if (!response.ok)
      throw new HeadraceError('UNAVAILABLE', `${this.url} answered ${response.status}: ${body.slice(0, 200)}`);
  }
}

/** Labels are the same for firing and resolved: by them the receiver knows that it is the same alert. */
export function postableAlert(alert: AlertChanged, generatorURL: string): PostableAlert {
  const end = alert.state === 'RESOLVED' ? alert.changedAt : alert.startsAt + FOREVER_MS;
  return {
    labels: { alertname: alert.rule, severity: alert.severity.toLowerCase(), ...alert.labels },
    annotations: { summary: alert.summary, state: alert.state.toLowerCase(), fingerprint: alert.fingerprint },
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: new Date(end).toISOString(),
    generatorURL,
  };
}
