import { topics, type ModelQuarantined, type QuarantineReason } from '@headrace/contracts';
import type { EventLog } from '@headrace/event-log';
import { quarantineKey } from '@headrace/model-runtime/quarantine';
import type { Logger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CalledVersion } from '../journal/call-journal.js';
import type { PoolMetrics } from '../pool/pool-metrics.js';

const PAUSE_MS = 500;

/** Puts versions into quarantine and lets them out. */
export class QuarantineOffice {
  private readonly pending = new Map<string, Promise<void>>();

  constructor(
    private readonly eventLog: EventLog,
    private readonly logger: Logger,
    private readonly metrics: PoolMetrics,
  ) {}

  /**
   * Resolves when the quarantine is on the topic, acknowledged: only then may the process that runs the version be ended, for its partitions
   * go to another one. Tries until it succeeds; telling it twice says the same.
   */
  put(version: CalledVersion, reason: QuarantineReason, evidence: string): Promise<void> {
    const key = quarantineKey(version.model, version.version);
    const put =
      this.pending.get(key) ?? this.publish(key, version, reason, evidence).finally(() => this.pending.delete(key));
    this.pending.set(key, put);
    return put;
  }

  /** Not tried again here: a quarantine that was put meanwhile would be undone. Whoever lifts it may ask again. */
  async lift(model: string, version: number): Promise<void> {
    await this.eventLog.publish([{ topic: topics.quarantines, key: quarantineKey(model, version), value: null }]);
    this.logger.info({ model, version }, 'quarantine lifted');
  }

  private async publish(key: string, called: CalledVersion, reason: QuarantineReason, evidence: string): Promise<void> {
    const { model, version, sha256, deployment } = called;
    const value: ModelQuarantined = { model, version, sha256, deployment, reason, evidence, quarantinedAt: Date.now() };
    for (;;) {
      try {
        await this.eventLog.publish([{ topic: topics.quarantines, key, value }]);
        break;
      } catch (error) {
        this.logger.error({ err: error, model, version }, 'quarantine cannot be published yet');
        await sleep(PAUSE_MS);
      }
    }
    this.metrics.quarantined.inc({ model, version: String(version), reason });
    this.logger.warn({ model, version, deployment, reason, evidence }, 'model version quarantined');
  }
}
