import { messageOf } from '@headrace/service-kit';
import type { Alert, Observation } from '../alerts/alert.js';
import { observationOf, type RuleTimes } from '../rules/rule.js';
import { serviceDown, serviceSighting } from '../rules/service-down.rule.js';

export interface WatchedService {
  readonly name: string;
  /** Base URL; /health/ready is asked. */
  readonly url: string;
}

/** Why a service is not ready; null when it is. */
export type ReadinessProbe = (service: WatchedService) => Promise<string | null>;

const TIMEOUT_MS = 3_000;

/** Asks each service whether it is ready. What is well and was well is not worth a transaction. */
export class ProbeServices {
  private readonly well = new Set<string>();

  constructor(
    private readonly services: readonly WatchedService[],
    private readonly probe: ReadinessProbe,
    private readonly apply: (observations: readonly Observation[]) => Promise<readonly Alert[]>,
    private readonly times: RuleTimes,
    private readonly now: () => number,
    private readonly onResult: (service: string, ready: boolean) => void,
  ) {}

  async run(): Promise<void> {
    await Promise.all(this.services.map((service) => this.look(service)));
  }

  private async look(service: WatchedService): Promise<void> {
    const fault = await this.probe(service);
    this.onResult(service.name, fault === null);
    if (fault === null && this.well.has(service.name)) return;
    await this.apply([observationOf(serviceDown, serviceSighting(service.name, fault, this.now()), this.times)]);
    if (fault === null) this.well.add(service.name);
    else this.well.delete(service.name);
  }
}

/** Over HTTP. */
export async function probeReadiness({ url }: WatchedService): Promise<string | null> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await response.text();
    return response.ok ? null : `HTTP ${response.status} ${body.slice(0, 200)}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
    return `${messageOf(error)}${cause}`;
  }
}
