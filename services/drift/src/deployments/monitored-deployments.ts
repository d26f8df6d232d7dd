import { topics, type DeploymentChanged } from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import type { Logger } from '@headrace/service-kit';
import { monitoredDeployment, type MonitoredDeployment } from './monitored-deployment.js';

/** The deployments with a monitor, as the registry's topic says now. */
export class MonitoredDeployments {
  private table: Table<DeploymentChanged> | undefined;
  private readonly listeners: Array<() => void> = [];
  /** As read from the topic; null for one that nobody watches. Forgotten when the deployment changes. */
  private readonly known = new Map<string, MonitoredDeployment | null>();

  constructor(
    private readonly eventLog: EventLog,
    private readonly logger: Logger,
  ) {}

  /** Resolves when everything that is in the topic has been read. */
  async start(): Promise<void> {
    this.table = await this.eventLog.table(topics.deployments);
    this.table.onChange((name) => {
      this.known.delete(name);
      this.listeners.forEach((listener) => listener());
    });
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  all(): MonitoredDeployment[] {
    return [...(this.table?.entries() ?? [])].flatMap(([name]) => this.find(name) ?? []);
  }

  /** Null for a deployment that is not there, or not watched. */
  find(name: string): MonitoredDeployment | null {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const change = this.table?.get(name);
    const found = change ? this.read(name, change) : null;
    this.known.set(name, found);
    return found;
  }

  /** A spec that cannot be read costs its own monitor, not the others'. */
  private read(name: string, change: DeploymentChanged): MonitoredDeployment | null {
    try {
      return monitoredDeployment(change);
    } catch (error) {
      this.logger.error(
        { err: error, deployment: name },
        'deployment has a spec that cannot be read; it is not watched',
      );
      return null;
    }
  }
}
