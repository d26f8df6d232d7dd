import type { OutboxRelay } from '@headrace/persistence';
import type { EventIntake } from './intake/event-intake.js';
import type { Repeat } from './repeat.js';

/** All that runs: reading events, looking around, delivering, passing events on. */
export class AlertingWorker {
  constructor(
    private readonly intake: EventIntake,
    private readonly repeats: readonly Repeat[],
    private readonly relay: OutboxRelay,
  ) {}

  async start(): Promise<void> {
    this.relay.start();
    for (const repeat of this.repeats) repeat.start();
    await this.intake.start();
  }

  async stop(): Promise<void> {
    await this.intake.stop();
    await Promise.all(this.repeats.map((repeat) => repeat.stop()));
    await this.relay.stop();
  }

  /** For readiness. A channel that refuses does not make us unready: its deliveries wait. */
  check(): void {
    if (!this.intake.isReady()) throw new Error('a consumer has not joined its group');
    for (const repeat of this.repeats) repeat.check();
    this.relay.check();
  }
}
