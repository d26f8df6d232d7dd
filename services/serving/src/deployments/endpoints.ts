import { topics, type DeploymentChanged, type DeploymentSpec } from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import { messageOf, type Logger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import { Endpoint, type EndpointParts } from './endpoint.js';

export interface EndpointsParts extends EndpointParts {
  readonly eventLog: EventLog;
  readonly logger: Logger;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** How long readiness and shutdown wait for files that are being fetched. */
const FIRST_TRIES_MS = 10_000;

/**
 * The endpoints that the deployments topic asks for. A new version is loaded beside the old one and then takes its place in one
 * step; a version that cannot be loaded leaves the old one answering, and is tried again.
 */
export class Endpoints {
  private readonly byName = new Map<string, Endpoint>();
  private readonly work = new Map<string, Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private table: Table<DeploymentChanged> | undefined;
  private stopped = false;

  constructor(private readonly parts: EndpointsParts) {}

  /** Reads what is deployed and begins to load it. Resolves when that has been read. */
  async start(): Promise<void> {
    this.table = await this.parts.eventLog.table(topics.deployments);
    this.table.onChange((name) => this.reconcileSoon(name));
    for (const [name] of this.table.entries()) this.reconcileSoon(name);
  }

  /** Resolves when every deployment has been tried once, or when that takes too long: one slow file holds up no other. */
  async triedOnce(): Promise<void> {
    await within(FIRST_TRIES_MS, Promise.all(this.work.values()));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await within(FIRST_TRIES_MS, Promise.all(this.work.values()));
    await Promise.all([...this.byName.values()].map((endpoint) => endpoint.retire()));
    await this.table?.stop();
  }

  /** What answers for a deployment now. */
  get(deployment: string): Endpoint | undefined {
    return this.byName.get(deployment);
  }

  /** A version, by its deployment's name or by its registered model's name, as long as some deployment serves it. */
  version(name: string, version: number): Endpoint | undefined {
    const serving = [...this.byName.values()].filter(({ resolved }) => resolved.version === version);
    return (
      serving.find(({ deployment }) => deployment === name) ??
      serving.filter(({ resolved }) => resolved.name === name).sort((a, b) => (a.deployment < b.deployment ? -1 : 1))[0]
    );
  }

  /** Changes of one deployment follow each other; deployments do not wait for one another. */
  private reconcileSoon(name: string, attempt = 1): void {
    const before = this.work.get(name) ?? Promise.resolve();
    this.work.set(
      name,
      before.then(() => this.reconcile(name, attempt)),
    );
  }

  private async reconcile(name: string, attempt: number): Promise<void> {
    const wanted = this.table?.get(name);
    if (this.stopped || (wanted && this.byName.get(name)?.generation === wanted.generation)) return;
    try {
      if (!wanted) await this.replace(name, undefined);
      else if (wanted.model) await this.replace(name, await this.load(wanted, wanted.model));
    } catch (error) {
      this.parts.logger.warn(
        { deployment: name, attempt, reason: messageOf(error) },
        'deployment cannot be served yet',
      );
      this.tryAgain(name, attempt);
    }
  }

  private load(wanted: DeploymentChanged, model: NonNullable<DeploymentChanged['model']>): Promise<Endpoint> {
    const spec = JSON.parse(wanted.spec) as DeploymentSpec;
    return Endpoint.load(this.parts, wanted.name, wanted.generation, spec, model);
  }

  private async replace(name: string, next: Endpoint | undefined): Promise<void> {
    const former = this.byName.get(name);
    if (next) this.byName.set(name, next);
    else this.byName.delete(name);
    const { logger } = this.parts;
    if (next) logger.info({ deployment: name, model: next.resolved.name, version: next.resolved.version }, 'serving');
    else if (former) logger.info({ deployment: name }, 'no longer served');
    await former?.retire();
  }

  private tryAgain(name: string, attempt: number): void {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.reconcileSoon(name, attempt + 1);
    }, pauseMs);
    this.timers.add(timer);
  }
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const timeout = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined);
  await Promise.race([work, late]).finally(() => timeout.abort());
}
