/**
 * What a user declares in a deployment's YAML under `spec`, with every default filled in by the registry.
 * Travels as JSON inside DeploymentChanged.spec.
 */
export interface DeploymentSpec {
  model: {
    name: string;
    /** Follow an alias (promotion moves the deployment); exactly one of alias and version is set. */
    alias?: string;
    /** Stay on one version. */
    version?: number;
  };
  input: {
    topic: string;
    /** Registry's subject whose latest schema Avro values are read as, whatever version wrote them; default `<topic>-value`. */
    subject?: string;
    /** Field that names the record; else the ce_id header; else topic/partition@offset. */
    recordId?: string;
    /** Field with the event time (ms since the epoch, or ISO 8601); else the ce_time header; else the broker's timestamp. */
    eventTime?: string;
    /** Numeric or boolean fields, in the order of the model's input tensor; dotted paths lead into nested records. */
    features: string[];
    /** By feature: the value that one that is missing or null is scored as. */
    defaults?: Record<string, number>;
    /** What becomes of a record that misses a feature without a default: it is rejected (the default), or the model sees NaN. */
    missing?: 'reject' | 'nan';
  };
  output: {
    /** Receives PredictionMade events; default headrace.predictions. */
    topic: string;
    /** Output tensor whose last column is the score; default: the last floating-point output. */
    score?: string;
    /** Whether predictions repeat the features, which drift reports need; default true. */
    echo?: boolean;
  };
  /** Where ground truth arrives; without it nothing that needs labels is computed. */
  labels?: {
    topic: string;
    /** Field that names the record the label is for. */
    recordId: string;
    /** Field with the truth: boolean, or 0 and 1. */
    value: string;
    eventTime?: string;
  };
  /**
   * Whose process runs the model: shared (the default) with other deployments, which a model that hangs stalls with it until the watchdog
   * acts; dedicated: a process of its own, so that it stalls nobody else.
   */
  isolation?: 'shared' | 'dedicated';
  /** What the drift service watches; absent: nothing. */
  monitor?: MonitorSpec;
  /** How a challenger is trained; absent: retrain commands are never asked for. */
  training?: TrainingSpec;
}

export interface MonitorSpec {
  /** Length of one event-time window, ms. */
  windowMs: number;
  /** How long after its end a window waits for late labels, event time, ms. */
  allowedLatenessMs: number;
  /** Labelled rows below which a window says nothing. */
  minRows: number;
  /** How large a change matters. */
  materiality: { auc: number; logLoss: number; calibrationError: number; psi: number };
  /** Windows in a row that must hold before a verdict is DRIFT. */
  persistence: number;
  /** Event time between two retrain commands of one deployment, ms. */
  cooldownMs: number;
  /** What a DRIFT verdict does. */
  action: 'report' | 'retrain';
}

export interface TrainingSpec {
  /** Name in training's register of trainers. */
  trainer: string;
  /** Train on this much event time before the command's windowEnd, ms; null: everything. */
  windowMs: number | null;
  /** First model: train as soon as labels reach this long after the first record, event time, ms; null: no first model. */
  bootstrapAfterMs: number | null;
  /** Event time, ms, before windowEnd that is kept out of training and used to compare candidate and champion. */
  holdoutMs: number;
  /** The gate: how the candidate must do against the champion on the holdout. */
  gate: { minRows: number; minAucGain: number; maxLogLossIncrease: number; maxCalibrationError: number };
}
