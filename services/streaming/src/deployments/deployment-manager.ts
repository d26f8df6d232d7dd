import { topics, type DeploymentChanged } from '@headrace/contracts';
import type { Table } from '@headrace/event-log';
import { messageOf } from '@headrace/service-kit';
import { chooseVersion, type Choice, type ChooserParts } from './choose-version.js';
import type { DeploymentState } from './deployment-state.js';
import { RunningDeployment, type DeploymentParts } from './running-deployment.js';

export interface ManagerParts extends DeploymentParts, ChooserParts {
  /** Deployments that are another worker's are as good as deleted. */
  readonly runsHere: (changed: DeploymentChanged) => boolean;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Brings what runs here in line with the deployments topic, one deployment at a time, each at its own pace. */
export class DeploymentManager {
  private readonly running = new Map<string, RunningDeployment>();
  private readonly work = new Map<string, Promise<void>>();
  private readonly faults = new Map<string, { reason: string; attempt: number }>();
  /** At most one a deployment: the next try. */
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private table: Table<DeploymentChanged> | undefined;
  private stopped = false;

  constructor(private readonly parts: ManagerParts) {}

  async start(): Promise<void> {
    this.table = await this.parts.eventLog.table(topics.deployments);
    this.table.onChange((name) => this.reconcileSoon(name));
    this.parts.quarantines.onChange(() => this.reconcileAll());
    this.reconcileAll();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.work.values());
    await Promise.all([...this.running.values()].map((deployment) => deployment.stop()));
    await this.table?.stop();
  }

  get(name: string): DeploymentChanged | undefined {
    return this.table?.get(name);
  }

  states(): DeploymentState[] {
    return [...(this.table?.entries() ?? [])]
      .filter(([, wanted]) => this.parts.runsHere(wanted))
      .map(([name, wanted]) => this.stateOf(name, wanted));
  }

  private stateOf(name: string, wanted: DeploymentChanged): DeploymentState {
    const running = this.running.get(name);
    const { name: model = null, version = null } = running?.resolved ?? {};
    const reason = this.faults.get(name)?.reason ?? running?.failure()?.message ?? null;
    const upToDate = running !== undefined && running.generation >= wanted.generation && running.isReady();
    const state = reason ? 'failing' : !wanted.model ? 'waiting' : upToDate ? 'running' : 'starting';
    const instead = reason !== null && model !== null && version !== null && !isWanted(wanted, model, version);
    const answersInstead = instead ? { model, version } : null;
    return { name, state, generation: wanted.generation, model, version, reason, answersInstead };
  }

  private reconcileAll(): void {
    for (const [name] of this.table?.entries() ?? []) this.reconcileSoon(name);
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
    if (running && wanted && wanted.generation < running.generation) return;
    try {
      await this.bring(name, running, wanted && this.parts.runsHere(wanted) ? wanted : undefined);
      this.faults.delete(name);
    } catch (error) {
      this.tryAgain(name, error);
    }
  }

  /** @throws what keeps the wanted version from answering, after whatever can answer instead does */
  private async bring(
    name: string,
    running: RunningDeployment | undefined,
    wanted: DeploymentChanged | undefined,
  ): Promise<void> {
    if (!wanted?.model) {
      if (running && !wanted) await this.remove(name, running);
      return;
    }
    const choice = await chooseVersion(this.parts, wanted, wanted.model, running?.resolved ?? null);
    await this.run(name, running, wanted, choice);
    if (choice.refusal) throw choice.refusal;
  }

  private async run(
    name: string,
    running: RunningDeployment | undefined,
    wanted: DeploymentChanged,
    { model, refusal }: Choice,
  ): Promise<void> {
    if (!model) {
      // Its partitions would be asked for in vain, again and again.
      if (running) await this.remove(name, running);
      return;
    }
    const isSame = running?.resolved.name === model.name && running.resolved.version === model.version;
    // What answers in the place of a refused version goes on as it is, under the generation that it was deployed with.
    if (running && isSame && (refusal !== null || running.generation === wanted.generation)) return;
    if (running?.canSwapTo(wanted)) await running.swap(wanted, model);
    else {
      if (running) await this.remove(name, running);
      this.running.set(name, await RunningDeployment.start(this.parts, wanted, model));
    }
    const { logger, metrics } = this.parts;
    metrics.deployments.set({ deployment: name, model: model.name }, model.version);
    const { name: wantedModel, version: wantedVersion } = wanted.model!;
    const instead = refusal && { insteadOf: `${wantedModel}@${wantedVersion}`, because: refusal.message };
    logger[refusal ? 'warn' : 'info'](
      { deployment: name, generation: wanted.generation, model: model.name, version: model.version, ...instead },
      refusal ? 'deployment answers with its last good version' : 'deployment answers',
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
    const reason = messageOf(error);
    // A refusal stands until something changes; it is told once.
    if (this.faults.get(name)?.reason !== reason)
      this.parts.logger.warn({ err: error, deployment: name, attempt }, 'the wanted version does not answer yet');
    this.faults.set(name, { reason, attempt });
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    clearTimeout(this.timers.get(name));
    this.timers.set(
      name,
      setTimeout(() => this.reconcileSoon(name), pauseMs),
    );
  }
}

function isWanted(wanted: DeploymentChanged, model: string, version: number): boolean {
  return wanted.model?.name === model && wanted.model.version === version;
}
