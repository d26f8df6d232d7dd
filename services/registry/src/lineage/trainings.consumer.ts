import { topics, type TrainingFinished } from '@headrace/contracts';
import type { Batch, BatchResult } from '@headrace/event-log';
import { OnBatch } from '@headrace/event-log/nest';
import { Controller } from '@nestjs/common';
import { toRunEvent } from './open-lineage.js';

/** Each finished training is told once in OpenLineage's words: event and offset are one transaction. */
@Controller()
export class TrainingsConsumer {
  @OnBatch(topics.trainingEvents, { group: 'headrace.registry.lineage', guarantee: 'exactly-once', maxRecords: 100 })
  async handle(batch: Batch<TrainingFinished | null>): Promise<BatchResult> {
    const trainings = batch.records.flatMap(({ value }) => (value === null ? [] : [value]));
    return {
      emit: trainings.map((training) => ({
        topic: topics.lineage,
        key: training.deployment,
        value: Buffer.from(JSON.stringify(toRunEvent(training))),
        eventTime: training.finishedAt,
      })),
    };
  }
}
