import { topics, type DeploymentChanged, type DeploymentSpec } from '@headrace/contracts';
import type { Table } from '@headrace/event-log';
import { messageOf } from '@headrace/service-kit';
import { RunningDeployment, type DeploymentParts } from './running-deployment.js';

export interface DeploymentState {
  readonly name: string;
  readonly state: 'waiting' | 'starting' | 'running' | 'failing';
  readonly generation: number;
  /** What answers now; null before the first model is loaded. */
  readonly model: string | null;
  readonly version: number | null;
  /** Why the wanted generation does not answer yet. */
  readonly reason: string | null;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Brings what runs here in line with the deployments topic, one deployment at a time, each at its own pace. */
export class DeploymentManager {
  private readonly running = new Map<string, RunningDeployment>();
  private readonly work = new Map<string, Promise<void>>();
  private readonly faults = new Map<string, { reason: string; attempt: number }>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private table: Table<DeploymentChanged> | undefined;
  private stopped = false;

  constructor(private readonly parts: DeploymentParts) {}

  async start(): Promise<void> {
    this.table = await this.parts.eventLog.table(topics.deployments);
    this.table.onChange((name) => this.reconcileSoon(name));
    for (const [name] of this.table.entries()) this.reconcileSoon(name);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.allSettled(this.work.values());
    await Promise.all([...this.running.values()].map((deployment) => deployment.stop()));
    await this.table?.stop();
  }

  get(name: string): DeploymentChanged | undefined {
    return this.table?.get(name);
  }

  /** What each deployment declares, by name. */
  specs(): Map<string, DeploymentSpec> {
    const wanted = [...(this.table?.entries() ?? [])];
    return new Map(wanted.map(([name, { spec }]) => [name, JSON.parse(spec) as DeploymentSpec]));
  }

  states(): DeploymentState[] {
    return [...(this.table?.entries() ?? [])].map(([name, wanted]) => this.stateOf(name, wanted));
  }

  private stateOf(name: string, wanted: DeploymentChanged): DeploymentState {
    const running = this.running.get(name);
    const reason = this.faults.get(name)?.reason ?? null;
    const model = running ? (wanted.model?.name ?? null) : null;
    const upToDate = running !== undefined && running.generation >= wanted.generation && running.isReady();
    const state = reason ? 'failing' : !wanted.model ? 'waiting' : upToDate ? 'running' : 'starting';
    return { name, state, generation: wanted.generation, model, version: running?.version ?? null, reason };
  }

  /** Changes of one deployment follow each other; deployments do not wait for one another. */
  private reconcileSoon(name: string): void {
    const before = this.work.get(name) ?? Promise.resolve();
    this.work.set(
      name,
      before.then(() => this.reconcile(name)),
    );
  }

  private async reconcile(name: string): Promise<void> {
    if (this.stopped) return;
    const wanted = this.table?.get(name);
    const running = this.running.get(name);
    // An outbox may repeat older generations before the newest; they only grow, also when a deployment is deleted and made again.
    if (running && wanted && wanted.generation <= running.generation) return;
    try {
      await this.bring(name, running, wanted);
      this.faults.delete(name);
    } catch (error) {
      this.tryAgain(name, error);
    }
  }

  private async bring(
    name: string,
    running: RunningDeployment | undefined,
    wanted: DeploymentChanged | undefined,
  ): Promise<void> {
    const { logger, metrics } = this.parts;
    if (!wanted?.model) {
      if (running && !wanted) await this.remove(name, running);
      return;
    }
    if (running?.canSwapTo(wanted)) await running.swap(wanted, wanted.model);
    else {
      if (running) await this.remove(name, running);
      this.running.set(name, await RunningDeployment.start(this.parts, wanted, wanted.model));
    }
    metrics.deployments.set({ deployment: name, model: wanted.model.name }, wanted.model.version);
    logger.info(
      { deployment: name, generation: wanted.generation, model: wanted.model.name, version: wanted.model.version },
      'deployment answers',
    );
  }

  private async remove(name: string, running: RunningDeployment): Promise<void> {
    this.running.delete(name);
    await running.stop();
    this.parts.logger.info({ deployment: name }, 'deployment stopped');
  }

  /** Whatever answers goes on answering meanwhile. */
  private tryAgain(name: string, error: unknown): void {
    const attempt = (this.faults.get(name)?.attempt ?? 0) + 1;
    this.faults.set(name, { reason: messageOf(error), attempt });
    this.parts.logger.warn({ err: error, deployment: name, attempt }, 'deployment cannot be brought up yet');
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        this.reconcileSoon(name);
      },
      Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS),
    );
    this.timers.add(timer);
  }
}
