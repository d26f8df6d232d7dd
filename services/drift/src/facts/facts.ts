import {
  topics,
  type DriftReported,
  type GateDecided,
  type PromotionDecided,
  type RetrainModel,
  type RetrainVetoed,
  type Topic,
  type TrainingFinished,
} from '@headrace/contracts';
import type { Batch, EventLog, EventRecord, Subscription } from '@headrace/event-log';
import type { Db, Trx } from '../database.js';
import { isForced, keepCommand, keepVeto } from '../operator/keep.js';
import { storeOnce } from '../ingest/partition-progress.js';
import type { WatchedSource } from '../watermark/source-views.js';

/** How one topic of another service is remembered. */
interface FactKind<T> {
  readonly topic: Topic<T>;
  readonly store: (trx: Trx, event: T) => Promise<unknown>;
}

/** Each by its event's own id, so that a repeat writes nothing. */
const kinds: ReadonlyArray<FactKind<any>> = [
  { topic: topics.gateVerdicts, store: storeGateVerdict },
  { topic: topics.trainingEvents, store: storeTrainingResult },
  { topic: topics.promotions, store: storePromotion },
  { topic: topics.driftReports, store: storeToldReport },
  { topic: topics.retrainCommands, store: storeToldCommand },
  { topic: topics.retrainVetoes, store: storeVeto },
];

/** What became of versions and commands: what windows are compared with, and whether a command is answered; and what this service itself has told before. */
export class Facts {
  private readonly subscriptions: Subscription[] = [];
  private since = 0;

  constructor(
    private readonly eventLog: EventLog,
    private readonly db: Db,
    private readonly groupPrefix: string,
    private readonly now: () => number,
  ) {}

  async start(): Promise<void> {
    this.since = this.now();
    await Promise.all(kinds.map((kind) => this.consume(kind)));
  }

  sources(): WatchedSource[] {
    return kinds.map(({ topic: { name } }) => ({ source: sourceOf(name), topic: name, since: this.since }));
  }

  isReady(): boolean {
    return this.subscriptions.every((subscription) => subscription.isReady());
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
  }

  private async consume(kind: FactKind<unknown>): Promise<void> {
    const options = { topic: kind.topic, group: `${this.groupPrefix}.${kind.topic.name}` };
    const handle = (batch: Batch<unknown>): Promise<void> => this.store(kind, batch);
    this.subscriptions.push(await this.eventLog.consume({ ...options, guarantee: 'at-least-once' }, handle));
  }

  private async store(kind: FactKind<unknown>, batch: Batch<unknown>): Promise<void> {
    const place = { source: sourceOf(batch.topic), partition: batch.partition };
    await storeOnce(this.db, place, batch.records, async (trx, fresh: ReadonlyArray<EventRecord<unknown>>) => {
      for (const { value } of fresh) if (value !== null) await kind.store(trx, value);
    });
  }
}

function sourceOf(topic: string): string {
  return `facts:${topic}`;
}

function storeGateVerdict(trx: Trx, event: GateDecided): Promise<unknown> {
  return trx
    .insertInto('gate_verdicts')
    .values({
      verdict_id: event.verdictId,
      model: event.model,
      candidate_version: event.candidateVersion,
      command_id: event.commandId ?? null,
      passed: event.passed,
      checks: JSON.stringify(event.checks) as never,
      rows: event.rows,
      decided_at: event.decidedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function storeTrainingResult(trx: Trx, event: TrainingFinished): Promise<unknown> {
  return trx
    .insertInto('training_results')
    .values({
      job_id: event.jobId,
      model: event.model,
      version: event.version ?? null,
      command_id: event.commandId ?? null,
      status: event.status,
      snapshot_from: event.snapshot?.fromTime ?? null,
      snapshot_to: event.snapshot?.toTime ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function storePromotion(trx: Trx, event: PromotionDecided): Promise<unknown> {
  return trx
    .insertInto('promotions')
    .values({
      promotion_id: event.promotionId,
      model: event.model,
      version: event.version,
      verdict_id: event.verdictId ?? null,
      decision: event.decision,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function storeToldReport(trx: Trx, { reportId, retrain }: DriftReported): Promise<unknown> {
  if (retrain == null) return Promise.resolve();
  return trx
    .insertInto('told_reports')
    .values({ report_id: reportId, retrain })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** An operator's command is a command of its own: no report will lead to it again. */
async function storeToldCommand(trx: Trx, command: RetrainModel): Promise<void> {
  await trx
    .insertInto('told_commands')
    .values({ command_id: command.commandId, command: JSON.stringify(command) as never })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  if (isForced(command)) await keepCommand(trx, command);
}

async function storeVeto(trx: Trx, veto: RetrainVetoed): Promise<void> {
  await keepVeto(trx, veto);
}
