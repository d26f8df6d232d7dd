import { topics, type ReplayFinished } from '@headrace/contracts';
import type { Batch } from '@headrace/event-log';
import { OnBatch } from '@headrace/event-log/nest';
import { Controller, Inject } from '@nestjs/common';
import { JobStore } from './job-store.js';
import { TrainingWorker } from './training-worker.js';

@Controller()
export class ReplayResultsConsumer {
  constructor(
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(TrainingWorker) private readonly worker: TrainingWorker,
  ) {}

  /** Idempotent: a replay's first result counts. A failed replay resumes its job too, which then says why it fails. */
  @OnBatch(topics.replayResults, { group: 'headrace.training.replay-results', guarantee: 'at-least-once' })
  async handle(batch: Batch<ReplayFinished>): Promise<void> {
    for (const { value } of batch.records) await this.store.finishReplay(value);
    this.worker.wake();
  }
}
