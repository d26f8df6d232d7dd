import type { Dataset } from '../dataset/datasets.js';
import type { TrainingData } from '../trainers/trainer.js';

/** The rows that this process has just read, so that training need not read them again. Of one job: they may be large. */
export class RowsInHand {
  private held: { jobId: string; data: TrainingData } | undefined;

  put(jobId: string, { data }: Dataset): void {
    this.held = { jobId, data };
  }

  take(jobId: string): TrainingData | undefined {
    const data = this.held?.jobId === jobId ? this.held.data : undefined;
    this.held = undefined;
    return data;
  }
}
