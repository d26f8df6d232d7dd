import type { TrainingData } from '../trainers/trainer.js';

export interface TrainingOrder {
  /** Name in the register. */
  readonly trainer: string;
  readonly data: TrainingData;
  readonly seed: number;
  /** Written into the ONNX file (metadata_props). */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TrainingOutcome {
  readonly onnx: Uint8Array;
  readonly parameters: Readonly<Record<string, string | number>>;
  /** train_* and validation_* quality, rows, onnx_max_difference, and the trainer's own. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Runs a trainer away from the service's event loop. */
export interface ModelTraining {
  /**
   * @throws HeadraceError INPUT_INVALID for data or a trainer's name that cannot be used, MODEL_INVALID when the export gives other outputs
   * @throws the signal's reason when aborted
   */
  train(order: TrainingOrder, signal: AbortSignal): Promise<TrainingOutcome>;
}
