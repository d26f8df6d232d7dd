import type { ModelTraining, TrainingOrder, TrainingOutcome } from './model-training.js';
import { trainModel } from './train-model.js';

/** For tests: the same work without a process of its own. */
export class InProcessModelTraining implements ModelTraining {
  train(order: TrainingOrder, signal: AbortSignal): Promise<TrainingOutcome> {
    return trainModel(order, signal);
  }
}
