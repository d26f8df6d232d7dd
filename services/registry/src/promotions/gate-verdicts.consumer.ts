import { topics, type GateDecided } from '@headrace/contracts';
import type { Batch } from '@headrace/event-log';
import { OnBatch } from '@headrace/event-log/nest';
import { LOGGER, Metrics, type Logger } from '@headrace/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { PromotionRequests } from '../policies/promotion-requests.js';
import { Promotions } from './promotions.js';

/** At least once, idempotent by verdict id: a verdict's decision and its record are one PostgreSQL transaction. */
@Controller()
export class GateVerdictsConsumer {
  private readonly decisions;

  constructor(
    @Inject(Promotions) private readonly promotions: Promotions,
    @Inject(PromotionRequests) private readonly requests: PromotionRequests,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.decisions = metrics.counter({
      name: 'headrace_promotion_decisions_total',
      help: "Decisions on gates' verdicts",
      labelNames: ['decision'],
    });
  }

  @OnBatch(topics.gateVerdicts, {
    group: 'headrace.registry.gate-verdicts',
    guarantee: 'at-least-once',
    maxRecords: 100,
  })
  async handle(batch: Batch<GateDecided | null>): Promise<void> {
    for (const { value, topic, partition, offset } of batch.records)
      if (value !== null) await this.decide(value, `${topic}/${partition}@${offset}`);
  }

  private async decide(verdict: GateDecided, place: string): Promise<void> {
    const decided = await this.promotions.decide(verdict, place);
    // Also for a verdict that comes again: the process may have ended in between.
    const by = { principal: `training job ${verdict.jobId}`, address: place, reason: verdict.reasons.join('; ') };
    await this.requests.reconsider(by, verdict.model, verdict.candidateVersion);
    if (decided === undefined) return;
    const { model, version, alias, decision, reason } = decided;
    this.decisions.inc({ decision });
    this.logger.info({ model, version, alias, decision, reason, verdictId: verdict.verdictId }, 'decided on a verdict');
  }
}
