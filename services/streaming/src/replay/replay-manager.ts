import { topics, type ReplayFinished, type ReplayRecords } from '@headrace/contracts';
import type { Subscription } from '@headrace/event-log';
import { HeadraceError, messageOf, type Logger } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cancellations } from './cancellations.js';
import { runReplay, type ReplayParts } from './replay-job.js';
import { cancelled, failed } from './replay-results.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Does the replays that have been asked for and not been answered. Every worker reads all commands and results; the work is
 * shared through the replay's own consumer group, and a worker that dies is replaced by that group's rebalance. A result that is
 * told twice says the same.
 */
export class ReplayManager {
  private readonly results = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private subscriptions: Subscription[] = [];
  private cancellations: Cancellations | undefined;

  constructor(
    private readonly parts: Omit<ReplayParts, 'cancellations'>,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const { eventLog } = this.parts;
    for await (const { records } of eventLog.read(topics.replayResults, await eventLog.offsets(topics.replayResults)))
      for (const { value } of records) this.results.add(value.replayId);
    const cancellations = (this.cancellations = await Cancellations.follow(eventLog));
    const group = `headrace.streaming.replays.${randomUUID()}`;
    this.subscriptions = [
      await eventLog.consume(
        { topic: topics.replayCommands, group, guarantee: 'at-least-once' },
        async ({ records }) => {
          for (const { value, timestampMs } of records) this.begin(value, timestampMs, cancellations);
        },
      ),
    ];
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    await this.cancellations?.stop();
  }

  private begin(command: ReplayRecords, requestedAtMs: number, cancellations: Cancellations): void {
    const { replayId } = command;
    if (this.results.has(replayId) || this.running.has(replayId)) return;
    const work = this.run(command, requestedAtMs, cancellations).finally(() => this.running.delete(replayId));
    this.running.set(replayId, work);
  }

  private async run(command: ReplayRecords, requestedAtMs: number, cancellations: Cancellations): Promise<void> {
    const cancelled = cancellations.signalOf(command.replayId);
    for (
      let pauseMs = FIRST_PAUSE_MS;
      !this.stopping.signal.aborted;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    ) {
      try {
        const result = await this.outcome(command, requestedAtMs, cancellations);
        await this.parts.eventLog.publish([
          { topic: topics.replayResults, key: command.replayId, id: `replay:${command.replayId}`, value: result },
        ]);
        this.results.add(command.replayId);
        this.logger.info(
          { replayId: command.replayId, status: result.status, scored: result.scored },
          'replay finished',
        );
        return;
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.logger.warn({ err: error, replayId: command.replayId }, 'replay will be tried again');
        // A cancellation ends the pause, once.
        const signals = cancelled.aborted ? [this.stopping.signal] : [this.stopping.signal, cancelled];
        await sleep(pauseMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
      }
    }
  }

  private async outcome(
    command: ReplayRecords,
    requestedAtMs: number,
    cancellations: Cancellations,
  ): Promise<ReplayFinished> {
    const { replayId } = command;
    const signal = cancellations.signalOf(replayId);
    try {
      if (!signal.aborted) return await runReplay({ ...this.parts, cancellations }, command, requestedAtMs);
    } catch (error) {
      if (!signal.aborted) {
        if (error instanceof HeadraceError && error.retry === 'never') return failed(command, messageOf(error));
        throw error;
      }
    }
    const requestedBy = cancellations.requesterOf(replayId) ?? 'somebody';
    return cancelled(this.parts.eventLog, command, requestedAtMs, requestedBy, this.stopping.signal);
  }
}
