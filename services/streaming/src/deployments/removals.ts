import { topics, type DeploymentApplied, type DeploymentChanged, type DeploymentSpec } from '@headrace/contracts';
import type { EventLog, OutgoingEvent, Table } from '@headrace/event-log';
import { HeadraceError, type Logger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import { endedEffects, lastEffects, type LastEffects } from './ended-effects.js';
import { groupOf } from './running-deployment.js';

/** Who finds out where a deployment has ended shuts every other one out meanwhile. */
const TRANSACTIONAL_ID = 'headrace.streaming.removals.';
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Tells up to where a deployment has answered that is gone, or reads another topic now. The workers leave; what the group has committed
 * when none of them is left is the offset. Whatever was told stands in the topic itself, so a kill at any moment leaves either nothing,
 * and whoever starts next finds it, or all of it: nothing is told twice for one offset.
 */
export class Removals {
  private readonly stopping = new AbortController();
  private readonly work = new Map<string, Promise<void>>();
  private readonly inputs = new Map<string, string>();
  private deployments: Table<DeploymentChanged> | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly eventLog: EventLog,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const table = await this.eventLog.table(topics.deployments);
    this.deployments = table;
    for (const [name, changed] of table.entries()) this.inputs.set(name, inputOf(changed));
    table.onChange((name, changed) => this.onChange(name, changed));
    this.looking = this.lookBack();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.deployments?.stop();
    await this.looking;
    await Promise.all(this.work.values());
  }

  private onChange(name: string, changed: DeploymentChanged | null): void {
    const input = changed && inputOf(changed);
    const hasEnded = this.inputs.has(name) && this.inputs.get(name) !== input;
    if (input === null) this.inputs.delete(name);
    else this.inputs.set(name, input);
    if (hasEnded) this.settleSoon(name);
  }

  /** What ended while nobody was here to tell it. */
  private async lookBack(): Promise<void> {
    const effects = await this.untilDone('headrace.deployment-effects', () => lastEffects(this.eventLog));
    for (const name of new Set([...(effects?.values() ?? [])].map(({ deployment }) => deployment)))
      if (this.ended(effects!, name).some(({ state }) => state !== 'REMOVED')) this.settleSoon(name);
  }

  private settleSoon(name: string): void {
    const before = this.work.get(name) ?? Promise.resolve();
    const settled = before.then(() => this.untilDone(name, () => this.settle(name)));
    const known = settled.then(() => void (this.work.get(name) === known && this.work.delete(name)));
    this.work.set(name, known);
  }

  /** @throws HeadraceError UNAVAILABLE while a worker still reads what it shall not */
  private async settle(name: string): Promise<void> {
    const told = await this.eventLog.publishExclusively(`${TRANSACTIONAL_ID}${name}`, async () => {
      await this.deployments!.caughtUp();
      const ended = this.ended(await lastEffects(this.eventLog), name);
      await this.requireNobodyReads(name, ended);
      const committed = await this.committed(name, ended);
      return endedEffects(ended, committed).map((value): OutgoingEvent<DeploymentApplied> => {
        return { topic: topics.deploymentEffects, key: name, value };
      });
    });
    for (const { value } of told) this.logger.info({ ...(value as DeploymentApplied) }, 'deployment answers no more');
  }

  /** The last effect of each partition that the deployment does not read any more. */
  private ended(effects: LastEffects, name: string): DeploymentApplied[] {
    const now = this.deployments!.get(name);
    const input = now && inputOf(now);
    return [...effects.values()].filter(({ deployment, topic }) => deployment === name && topic !== input);
  }

  private async committed(name: string, ended: readonly DeploymentApplied[]) {
    const offsets = new Map<string, ReadonlyMap<number, number>>();
    for (const { topic } of ended)
      if (!offsets.has(topic)) offsets.set(topic, await this.eventLog.committed(groupOf(name), topic, true));
    return offsets;
  }

  private async requireNobodyReads(name: string, ended: readonly DeploymentApplied[]): Promise<void> {
    for (const topic of new Set(ended.map((each) => each.topic))) {
      const members = await this.eventLog.members(groupOf(name), topic);
      if (members > 0) throw new HeadraceError('UNAVAILABLE', `${members} workers still read ${topic} for ${name}`);
    }
  }

  /** Undefined when this was stopped before. */
  private async untilDone<R>(what: string, work: () => Promise<R>): Promise<R | undefined> {
    const { signal } = this.stopping;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        this.logger.debug({ err: error, what }, 'where a deployment ended cannot be told yet');
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}

function inputOf({ spec }: DeploymentChanged): string {
  return (JSON.parse(spec) as DeploymentSpec).input.topic;
}
