import { topics, type DeploymentChanged, type RetrainModel } from '@headrace/contracts';
import type { Batch, Table } from '@headrace/event-log';
import { OnBatch } from '@headrace/event-log/nest';
import { LOGGER, type Logger } from '@headrace/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { jobForCommand } from './job-for-command.js';
import { JobStore } from './job-store.js';
import { trainingFailed } from './training-events.js';
import { TrainingWorker } from './training-worker.js';

/** Injection token of the deployments as they are now. */
export const DEPLOYMENTS = Symbol('headrace.training.deployments');

@Controller()
export class RetrainCommandsConsumer {
  constructor(
    @Inject(DEPLOYMENTS) private readonly deployments: Table<DeploymentChanged>,
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(TrainingWorker) private readonly worker: TrainingWorker,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Only writes jobs down, by the command's id, so a command that comes twice makes one. The work is the worker's. */
  @OnBatch(topics.retrainCommands, { group: 'headrace.training.commands', guarantee: 'at-least-once' })
  async handle(batch: Batch<RetrainModel>): Promise<void> {
    await this.deployments.caughtUp();
    for (const { value } of batch.records) await this.accept(value);
    this.worker.wake();
  }

  private async accept(command: RetrainModel): Promise<void> {
    const outcome = jobForCommand(command, this.deployments.get(command.deployment));
    const { job } = outcome;
    if ('refused' in outcome) {
      await this.store.refuse(job, outcome.refused, trainingFailed(job, outcome.refused));
      this.logger.warn({ commandId: command.commandId }, outcome.refused);
    } else {
      const isNew = await this.store.insert(outcome.job);
      this.logger.info({ commandId: command.commandId, isNew }, 'retrain command accepted');
    }
  }
}
