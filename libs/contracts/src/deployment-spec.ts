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
    /** Besides the predictions, in the same transaction: records in a schema of the user's own. */
    plain?: PlainOutputSpec;
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
  /** How many records are scored at once, and how long they are gathered; default: what has arrived, up to 4096. */
  batch?: BatchSpec;
  /** Which predictions are explained; absent: none. */
  explain?: ExplainSpec;
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

export interface PlainOutputSpec {
  /** A user's topic; each record has the key of its input. */
  topic: string;
  /** Registry's subject whose latest schema, Avro, is written; default `<topic>-value`. */
  subject?: string;
  /** Source (see PlainSource) of each field of that schema; a field that is not named gets its default. */
  fields: Record<string, string>;
}

export interface BatchSpec {
  /** Most records of one call of the model and one transaction, 1 to 4096; default 4096, and what one fetch brings is one transaction. */
  maxRecords?: number;
  /** Records that have arrived wait up to so long for others, ms; default 0. */
  maxDelayMs?: number;
}

/** Shapley values of the score, sampled over permutations of the features. */
export interface ExplainSpec {
  method: 'shapley';
  /** By feature: the value that stands for 'not known'. */
  baseline: Record<string, number>;
  /** Of the records, by their ids; above 0, up to 1. */
  share: number;
  /** That are averaged, 1 to 1024; all there are where that is fewer. Each costs a row of the model for all features but one. */
  permutations: number;
}

export interface MonitorSpec {
  /** Length of one event-time window, ms. */
  windowMs: number;
  /** Panes of a window, at least: rows within one may resemble each other, panes are taken as independent. Default 7. */
  panes?: number;
  /** How long after its end a window waits for late labels, event time, ms. */
  allowedLatenessMs: number;
  /** How long predictions wait for their labels before their rows are forgotten, event time, ms; default 30 days more than window and lateness. */
  labelsTtlMs?: number;
  /** Labelled rows below which a window says nothing. */
  minRows: number;
  /** How large a change matters. */
  materiality: {
    auc: number;
    logLoss: number;
    calibrationError: number;
    psi: number;
    /** Change of the share of positive labels; default: as calibrationError. */
    baseRate?: number;
    /** Rise of the share of rows whose feature is missing, out of the reference's range or a new category; default 0.05. */
    quality?: number;
    /** Change of a feature's share of all attribution, where predictions are explained; default 0.1. */
    attribution?: number;
    /** Part by which a window's predictions may fall or rise against the reference's; default 0.5. */
    volume?: number;
    /** Rise of the longest stretch of event time without a record, mean over panes, as part of a pane; default 0.25. */
    freshness?: number;
  };
  /** Chance of any alarm within a horizon of looks, over all features and segments, while nothing changes materially; default 0.05 in 100. */
  budget?: { alpha: number; horizon: number };
  /** What inputs are compared with; default: the data the version was trained on, as far as it was recorded, else its first judged window. */
  reference?: MonitorReference;
  /** Slices that are watched by themselves. */
  segments?: MonitorSegment[];
  /** Features whose numbers are names: compared by category. */
  categories?: string[];
  /** Business figures that come later for a record, on topics of their own. */
  kpis?: KpiSpec[];
  /** Windows in a row that must hold before a verdict is DRIFT. */
  persistence: number;
  /** Event time between two retrain commands of one deployment, ms. */
  cooldownMs: number;
  /** Retrain commands within a day of event time, at most; default 1. */
  commandsPerDay?: number;
  /** What verdicts do: reports alone; alerts on DRIFT and WARNING as well; on DRIFT a retrain command as well. */
  action: MonitorAction;
}

/** A business figure of single records: what an order brought, whether a call was answered. Its mean over a window's records is watched; it never asks for a retrain. */
export interface KpiSpec {
  name: string;
  topic: string;
  /** Field that names the record, as predictions do; exactly one of recordId and entity is set. */
  recordId?: string;
  /** Field that names the entity, as the key of its predictions does: the event belongs to the entity's last prediction before it. */
  entity?: string;
  /** Field with the figure: a number, or a boolean. */
  value: string;
  eventTime?: string;
  /** Field that names the KPI, where the topic carries several; others' events are passed over. */
  nameField?: string;
  /** Change of the mean that matters, in the figure's unit. */
  materiality: number;
  /** Which change is worse. */
  worseWhen: 'higher' | 'lower' | 'different';
}

export type MonitorReference =
  | { kind: 'training' }
  /** Event time, ms since the epoch. */
  | { kind: 'fixed'; from: number; to: number }
  /** The windows before the one that is judged. */
  | { kind: 'trailing'; windows: number };

export type MonitorAction = 'report' | 'alert' | 'retrain';

/** Rows whose feature lies within [from, to); an end that is left out is open. */
export interface MonitorSegment {
  name: string;
  feature: string;
  from?: number;
  to?: number;
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
