import { topics, type DeploymentChanged, type DeploymentSpec, type ReplayRecords } from '@headrace/contracts';
import type { EventLog, OutgoingEvent, Table } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelCatalogue } from '@headrace/model-runtime/catalogue';
import { refuseOutput } from './refuse-output.js';
import { offsetsOf, parseBound, rangesBetween, type Bound } from './replay-bounds.js';
import { replayGroup } from './replay-names.js';
import { ReplayLog, type RecordedReplay } from './replay-log.js';
import { replayView, type ReplayView } from './replay-view.js';

/** What somebody wants replayed. */
export interface ReplayRequest {
  /** Names it, so that asking again does not do it again; default a fresh one. */
  readonly replayId?: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  /** See parseBound; `from` inclusive, `to` exclusive. */
  readonly from: string;
  readonly to: string;
  readonly outputTopic: string;
  readonly recordsPerSecond: number | null;
}

/** Whoever writes commands for others shuts every other one out meanwhile. */
const TRANSACTIONAL_ID = 'headrace.streaming.replays';
const MOST_ATTEMPTS = 5;
const PAUSE_MS = 100;

/** Replays as people ask for them and look at them. */
export class Replays {
  private readonly log: ReplayLog;
  private deployments: Table<DeploymentChanged> | undefined;

  constructor(
    private readonly eventLog: EventLog,
    private readonly catalogue: ModelCatalogue,
  ) {
    this.log = new ReplayLog(eventLog);
  }

  async start(): Promise<void> {
    this.deployments = await this.eventLog.table(topics.deployments);
  }

  async stop(): Promise<void> {
    await this.deployments?.stop();
  }

  /**
   * Idempotent by its id: one that was asked for is not asked for again.
   * @throws HeadraceError INPUT_INVALID, NOT_FOUND; CONFLICT when the id is another replay's
   */
  async request(wanted: ReplayRequest): Promise<ReplayRecords> {
    const replayId = wanted.replayId ?? randomUUID();
    const known = await this.log.find(replayId);
    if (known) return sameOrConflict(known.command, wanted);
    const command = await this.commandOf(replayId, wanted);
    return sameOrConflict(await this.ask(command), wanted);
  }

  /** @throws HeadraceError NOT_FOUND */
  async find(replayId: string): Promise<ReplayView> {
    const known = await this.log.find(replayId);
    if (!known) throw unknown(replayId);
    return replayView(known, await this.progressOf(known));
  }

  /**
   * Ends it before it is done, after the batches in hand; what it has written stays. It shows as cancelled when the last worker has left it.
   * Idempotent.
   * @throws HeadraceError NOT_FOUND; CONFLICT when it has ended otherwise
   */
  async cancel(replayId: string): Promise<ReplayView> {
    await this.exclusively(async () => {
      const known = await this.log.find(replayId);
      if (!known) throw unknown(replayId);
      const ended = known.finished?.result;
      if (!ended)
        return [{ topic: topics.replayCancellations, key: replayId, value: { replayId, requestedBy: 'api' } }];
      if (ended.status === 'CANCELLED') return [];
      const how = ended.status === 'FAILED' ? `failed (${ended.reason ?? 'no reason given'})` : 'is completed';
      throw new HeadraceError('CONFLICT', `Replay ${replayId} cannot be cancelled, as it ${how}`);
    });
    return this.find(replayId);
  }

  /** Newest first, without what tells their progress. */
  async list(limit: number): Promise<ReplayView[]> {
    return (await this.log.list(limit)).map((known) => replayView(known));
  }

  private async progressOf({ command }: RecordedReplay): Promise<ReadonlyMap<number, number>> {
    const topic = command.ranges[0]?.topic;
    return topic === undefined ? new Map() : this.eventLog.committed(replayGroup(command.replayId), topic);
  }

  private async commandOf(replayId: string, wanted: ReplayRequest): Promise<ReplayRecords> {
    const { deployment, model, version, outputTopic, recordsPerSecond, from, to } = wanted;
    const specs = await this.specs();
    const spec = specs.get(deployment);
    if (!spec) throw new HeadraceError('NOT_FOUND', `There is no deployment ${deployment}`);
    const refusal = refuseOutput(outputTopic, specs);
    if (refusal) throw new HeadraceError('INPUT_INVALID', `The replay cannot write to ${outputTopic}: ${refusal}`);
    const [begin, end] = [parseBound(from), parseBound(to)];
    if (!(await this.eventLog.exists(outputTopic)))
      throw new HeadraceError(
        'NOT_FOUND',
        `There is no topic ${outputTopic}, or none that the platform may see: create it, or let the replay write to ${topics.replays.name}`,
      );
    await this.catalogue.resolve(model, version);
    const ranges = await this.rangesOf(spec.input.topic, begin, end);
    const asked = { replayId, deployment, model, version, ranges, outputTopic, requestedBy: 'api' };
    return { ...asked, recordsPerSecond, from, to };
  }

  private async rangesOf(topic: string, from: Bound, to: Bound) {
    if (!(await this.eventLog.exists(topic)))
      throw new HeadraceError('NOT_FOUND', `There is no topic ${topic}, which the deployment reads`);
    const since = (bound: Bound) => (bound.kind === 'time' ? this.eventLog.offsets(topic, bound.ms) : []);
    const [all, sinceFrom, sinceTo] = await Promise.all([this.eventLog.offsets(topic), since(from), since(to)]);
    return rangesBetween(topic, offsetsOf(from, all, sinceFrom), offsetsOf(to, all, sinceTo));
  }

  /** @returns the command that is there now under this id */
  private async ask(command: ReplayRecords): Promise<ReplayRecords> {
    let known: ReplayRecords | undefined;
    await this.exclusively(async () => {
      known = (await this.log.find(command.replayId))?.command;
      return known ? [] : [{ topic: topics.replayCommands, key: command.replayId, value: command }];
    });
    return known ?? command;
  }

  /** `decide` looks only when what others have begun to write is there, or gone for good. */
  private async exclusively(decide: () => Promise<OutgoingEvent[]>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.eventLog.publishExclusively(TRANSACTIONAL_ID, decide);
        return;
      } catch (error) {
        const isShutOut = error instanceof HeadraceError && error.code === 'FENCED';
        if (!isShutOut || attempt === MOST_ATTEMPTS) throw error;
        await sleep(Math.random() * PAUSE_MS * attempt);
      }
    }
  }

  private async specs(): Promise<ReadonlyMap<string, DeploymentSpec>> {
    if (!this.deployments)
      throw new HeadraceError('UNAVAILABLE', `Topic ${topics.deployments.name} is still being read`);
    await this.deployments.caughtUp();
    const declared = [...this.deployments.entries()];
    return new Map(declared.map(([name, { spec }]) => [name, JSON.parse(spec) as DeploymentSpec]));
  }
}

/** The times of the two are compared as they were written: what they meant in offsets may have changed since. */
function sameOrConflict(known: ReplayRecords, wanted: ReplayRequest): ReplayRecords {
  const differing = (
    ['deployment', 'model', 'version', 'outputTopic', 'from', 'to', 'recordsPerSecond'] as const
  ).filter((field) => (known[field] ?? null) !== wanted[field]);
  if (differing.length === 0) return known;
  const said = differing.map((field) => `${field} ${known[field] ?? 'null'}, not ${wanted[field]}`).join('; ');
  throw new HeadraceError('CONFLICT', `Replay ${known.replayId} is another one: ${said}`);
}

function unknown(replayId: string): HeadraceError {
  return new HeadraceError('NOT_FOUND', `There is no replay ${replayId}`);
}
