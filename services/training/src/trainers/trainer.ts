/** Rows to learn from. */
export interface TrainingData {
  /** Row-major [rows × featureNames.length]; NaN where a value is missing. */
  readonly features: Float32Array;
  /** 0 or 1 a row. */
  readonly labels: Uint8Array;
  readonly featureNames: readonly string[];
}

export interface TrainOptions {
  /** Same data and seed, same model, bit by bit. */
  readonly seed: number;
}

export interface TrainedModel {
  /** What was chosen beforehand, for the run's parameters. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** How the learning went (epochs, …), for the run's metrics. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Rows kept back for early stopping, ascending. */
  readonly validationRows: Int32Array;
  /** Probability of class 1 a row. */
  predict(features: Float32Array): Float32Array;
  /** ONNX: input `features` float [N, F], output `probability` float [N, 1]; takes raw features, NaN included. */
  toOnnx(metadata: Readonly<Record<string, string>>): Uint8Array;
}

/** Learns the probability of class 1. Pure computation: no clock, network or file. */
export interface Trainer {
  readonly name: string;
  /**
   * @throws HeadraceError INPUT_INVALID on data that nothing can be learnt from
   * @throws the signal's reason when aborted
   */
  train(data: TrainingData, options: TrainOptions, signal: AbortSignal): Promise<TrainedModel>;
}
