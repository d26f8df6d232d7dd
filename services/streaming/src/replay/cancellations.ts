import { topics, type CancelReplay } from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';

/** Which replays are to end before they are done: a worker's view of the cancellations topic. */
export class Cancellations {
  private readonly controllers = new Map<string, AbortController>();

  private constructor(private readonly table: Table<CancelReplay>) {
    for (const [replayId] of table.entries()) this.controllerOf(replayId).abort();
    table.onChange((replayId) => this.controllerOf(replayId).abort());
  }

  /** Resolves when everything that is cancelled by now is known here. */
  static async follow(eventLog: EventLog): Promise<Cancellations> {
    return new Cancellations(await eventLog.table(topics.replayCancellations));
  }

  /** Aborted as soon as the replay's cancellation is known here. */
  signalOf(replayId: string): AbortSignal {
    return this.controllerOf(replayId).signal;
  }

  /** Who cancelled it. */
  requesterOf(replayId: string): string | undefined {
    return this.table.get(replayId)?.requestedBy;
  }

  /** Resolves when what was cancelled before the call is known here. */
  caughtUp(): Promise<void> {
    return this.table.caughtUp();
  }

  stop(): Promise<void> {
    return this.table.stop();
  }

  private controllerOf(replayId: string): AbortController {
    const controller = this.controllers.get(replayId) ?? new AbortController();
    this.controllers.set(replayId, controller);
    return controller;
  }
}
