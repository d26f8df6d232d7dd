// Generated from schemas/ by libs/contracts/generate.mjs. Do not edit.
export interface AlertChanged {
  /** Stable over the alert's life: rule + labels */
  fingerprint: string;
  rule: string;
  state: AlertState;
  severity: AlertSeverity;
  labels: Record<string, string>;
  summary: string;
  startsAt: number;
  changedAt: number;
}

export type AlertState = 'PENDING' | 'FIRING' | 'RESOLVED';

export type AlertSeverity = 'INFO' | 'WARNING' | 'CRITICAL';

/** One figure of a window beside its reference */
export interface Finding {
  kind: DriftKind;
  /** Feature or output; empty for the whole model */
  subject: string;
  /** auc, log_loss, brier, calibration_error, psi, base_rate, … */
  metric: string;
  value: null | number;
  reference: null | number;
  statistic?: null | number;
  /** Materiality: how far from the reference matters */
  threshold: number;
  /** Beyond materiality by more than chance, at the budget's level */
  significant: boolean;
  material: boolean;
  /** Slice of the rows; empty for all of them */
  segment?: string;
  /** Significant and material in as many judged windows in a row as the monitor asks for: an alarm */
  persisted?: boolean;
  /** Chance, at most, of so large a change while the true one is within materiality */
  pValue?: null | number;
  /** Where the true change lies, reference's error included; of shares in the index's unit */
  low?: null | number;
  high?: null | number;
  /** Of the window */
  rows?: null | number;
  referenceRows?: null | number;
  /** Rows are worth rows / effect: those that come together resemble each other */
  effect?: null | number;
  /** JSON from which the figures are computed again: bins and counts pane by pane, or errors */
  evidence?: null | string;
}

export type DriftKind = 'PERFORMANCE' | 'CALIBRATION' | 'INPUT' | 'PREDICTION' | 'LABEL' | 'QUALITY' | 'ATTRIBUTION' | 'KPI';

/** One closed event-time window of one deployment */
export interface DriftReported {
  reportId: string;
  deployment: string;
  model: string;
  /** Versions that predicted in the window, ascending */
  versions: Array<number>;
  windowStart: number;
  /** Exclusive */
  windowEnd: number;
  predictions: number;
  labelled: number;
  verdict: DriftVerdict;
  findings: Array<Finding>;
  /** auc, log_loss, brier, calibration_error, base_rate, mean_score; null where undefined */
  metrics: Record<string, null | number>;
  predictionRanges: Array<OffsetRange>;
  reportedAt: number;
  /** Version whose rows the findings are about */
  judgedVersion?: null | number;
  /** Kinds that alarm: with a finding that persisted */
  drifts?: Array<DriftKind>;
  /** Rises when labels that came later change the figures; verdict and findings stay those of version 1 */
  figuresVersion?: number;
  /** Share of the judged version's rows with a label */
  completeness?: null | number;
  /** Rows with a feature further from its median than 8 robust standard deviations */
  anomalies?: null | number;
  budget?: null | AlarmBudget;
  /** The command that was asked for; else why none was */
  retrain?: null | string;
  /** People are told of a verdict: the monitor does more than report */
  alerts?: boolean;
  /** By version, ascending. Informs: no verdict, command or budget looks at it */
  estimated?: Array<EstimatedFigures>;
}

export type DriftVerdict = 'STABLE' | 'WARNING' | 'DRIFT' | 'INSUFFICIENT_DATA';

export interface AlarmBudget {
  /** Chance of any alarm within the horizon while nothing changes materially */
  alpha: number;
  /** Looks that the promise covers */
  horizon: number;
  /** Judged windows of this version so far, this one included */
  looks: number;
  /** Of alpha */
  spent: number;
  /** Tests at each look */
  streams: number;
  persistence: number;
  /** Of one test at one look */
  lookLevel: number;
  /** Of one reference's error */
  referenceLevel: number;
}

/** What a version's figures should be by its scores alone (CBPE), beside those that labels tell */
export interface EstimatedFigures {
  version: number;
  /** With a score, labelled or not: what is estimated */
  rows: number;
  /** Of them: what is realised */
  labelled: number;
  /** False where there is no estimate, and where it is not to be believed: concept drift was found */
  valid: boolean;
  /** Why it is not valid */
  reason?: null | string;
  /** auc; accuracy, accuracy_error (standard error), precision, recall, f1 of scores that are probabilities, answered with yes from 0.5 on; empty without an estimate */
  figures: Record<string, null | number>;
  /** The same by the labels that have come; empty without any */
  realised: Record<string, null | number>;
  calibration?: null | EstimateCalibration;
}

/** Labelled rows of the version that its scores are calibrated on */
export interface EstimateCalibration {
  from: number;
  /** Exclusive */
  to: number;
  rows: number;
  positives: number;
}

/** Command: train a challenger for this deployment's model, because of this evidence */
export interface RetrainModel {
  /** Idempotent: deployment, champion version, detector epoch */
  commandId: string;
  deployment: string;
  model: string;
  championVersion: number;
  reason: string;
  /** Largest ratio of a change to its materiality, ≥ 1 */
  severity: number;
  evidence: Array<Finding>;
  reportIds: Array<string>;
  /** Event time the evidence reaches to (exclusive) */
  windowEnd: number;
  requestedBy: string;
  requestedAt: number;
}

/** An operator wants no retrain command of a deployment for a stretch of event time. The latest of an id counts: an end says that it was lifted. */
export interface RetrainVetoed {
  vetoId: string;
  deployment: string;
  /** Windows that end after it ask for nothing */
  fromTime: number;
  /** Up to windows that end here; null: until it is lifted */
  toTime?: null | number;
  reason: string;
  requestedBy: string;
  requestedAt: number;
}

/** A dead letter's record went back to its topic. Written in the transaction that writes the record there; a letter without it is open. */
export interface DeadLetterRedriven {
  /** Place of the dead letter, topic/partition@offset */
  letter: string;
  /** Which request it was: tells whose transaction came through */
  redriveId: string;
  /** How often the letter has been redriven, from 1 */
  times: number;
  /** Place of the record that was rejected */
  origin: string;
  /** Consumer group that rejected it, and alone reads it again */
  group: string;
  /** Which attempt the redrive began; the first failure was attempt 1 */
  attempt: number;
  redrivenAt: number;
}

/** From this offset of this partition on, the deployment's predictions are made by this version; or, REMOVED, by nobody. */
export interface DeploymentApplied {
  deployment: string;
  /** REMOVED: the last one that answered here */
  generation: number;
  model: string;
  version: number;
  topic: string;
  partition: number;
  fromOffset: number;
  /** REMOVED: the deployment was deleted, or reads another topic now; records from the offset on are not answered */
  state?: EffectState;
}

export type EffectState = 'APPLIED' | 'REMOVED';

/** The version did harm to the process that ran it, and is not run again until the quarantine is lifted (a tombstone). Compacted by model@version. */
export interface ModelQuarantined {
  model: string;
  version: number;
  /** Of the model file; empty where the evidence does not tell. The same file registered as another version is quarantined with it */
  sha256: string;
  /** Whose records it ran on; replay:<id> for a replay */
  deployment: string;
  /** A call without an end; a fatal signal in a call; memory beyond the limit in a call; ended from outside in the same call several times */
  reason: QuarantineReason;
  /** What was seen, for people */
  evidence: string;
  quarantinedAt: number;
}

export type QuarantineReason = 'HANGS' | 'CRASHED' | 'TOO_LARGE' | 'KILLED';

/** How much each feature moved one prediction's score away from the baseline's: the attributions add up to score - baseScore. */
export interface PredictionExplained {
  /** Of the prediction that is explained */
  predictionId: string;
  recordId: string;
  deployment: string;
  /** Of the deployment, whose spec names the features and their baseline */
  generation: number;
  model: string;
  version: number;
  /** The prediction's */
  eventTime: number;
  /** shapley: Shapley values of the score, sampled over permutations of the features */
  method: string;
  /** That were averaged */
  permutations: number;
  /** True when these were all permutations there are */
  exact: boolean;
  score: number;
  /** The model's score of the baseline */
  baseScore: number;
  /** In the order of the deployment's features */
  attributions: Array<number>;
  /** Where the record came from */
  input: RecordPlace;
}

/** One model answered one record. Exactly one per deployment and committed input record. */
export interface PredictionMade {
  /** deployment + ':' + recordId */
  predictionId: string;
  /** The deployment's declared field, else ce_id, else topic/partition@offset */
  recordId: string;
  deployment: string;
  model: string;
  /** Model version, from 1 */
  version: number;
  /** Tracking run that made the version */
  runId?: null | string;
  /** When the fact happened, ms since the epoch */
  eventTime: number;
  /** The figure that monitors watch: probability of the positive class, or the regression's value */
  score?: null | number;
  /** Every output tensor's row for this record */
  outputs: Array<OutputTensor>;
  /** The numeric inputs in the deployment's order; NaN where missing was allowed */
  features?: null | Array<number>;
  /** Where the record came from; null for a request over HTTP */
  input?: null | RecordPlace;
}

export interface OutputTensor {
  name: string;
  /** Open Inference Protocol datatype: FP32, FP64, INT64, BOOL, BYTES */
  datatype: string;
  /** Without the batch dimension */
  shape: Array<number>;
  /** Row-major */
  values: Array<number | string>;
}

export interface RecordPlace {
  topic: string;
  partition: number;
  offset: number;
}

/** Records of one partition, from inclusive, to exclusive */
export interface OffsetRange {
  topic: string;
  partition: number;
  from: number;
  to: number;
}

/** Command: score recorded records with another version. Touches no live offset. */
export interface ReplayRecords {
  replayId: string;
  /** Whose input mapping applies */
  deployment: string;
  model: string;
  version: number;
  ranges: Array<OffsetRange>;
  outputTopic: string;
  requestedBy: string;
  /** At most so many, in the long run, by all workers together; null: as fast as they can */
  recordsPerSecond?: null | number;
  /** Where the ranges begin as whoever asked wrote it; null when ranges were asked for */
  from?: null | string;
  /** Where they end, likewise */
  to?: null | string;
}

/** Command: end a replay before it is done. What it has written stays. */
export interface CancelReplay {
  replayId: string;
  requestedBy: string;
}

export interface ReplayFinished {
  replayId: string;
  status: ReplayStatus;
  reason?: null | string;
  model: string;
  version: number;
  outputTopic: string;
  /** Ranges of outputTopic that hold every output of this replay (others' records may lie between) */
  outputRanges: Array<OffsetRange>;
  /** Predictions in outputTopic; what could not be scored is in the dead letters */
  scored: number;
}

export type ReplayStatus = 'COMPLETED' | 'FAILED' | 'CANCELLED';

export interface ChangedRow {
  /** registered_models, model_versions, model_aliases, policies, … */
  entity: string;
  /** JSON; null: it was not there */
  before?: null | string;
  /** JSON; null: it is gone */
  after?: null | string;
}

/** One change of the registry: who, what, when, from where, why, and every row before and after. Applied in order they make the registry's state. */
export interface RegistryChanged {
  changeId: string;
  /** The change's place in the audit */
  sequence: number;
  /** A change of many rows comes in several events of one changeId */
  part?: number;
  parts?: number;
  /** model.created, alias.set, promotion.decided, … */
  action: string;
  model?: null | string;
  principal: string;
  /** Of the caller, or the record that asked: topic/partition@offset */
  address?: null | string;
  reason?: null | string;
  rows: Array<ChangedRow>;
  changedAt: number;
}

export interface ResolvedModel {
  name: string;
  version: number;
  runId?: null | string;
  /** mlflow-artifacts:/… of the ONNX file, fetched through tracking's artifact API */
  artifactUri: string;
  /** Hex digest of the ONNX file */
  sha256: string;
}

/** The deployment as it is from now on. Compacted by name; a tombstone removes it. */
export interface DeploymentChanged {
  name: string;
  /** Rises by one with each change */
  generation: number;
  /** Null while the declared alias or version does not exist yet */
  model?: null | ResolvedModel;
  previousVersion?: null | number;
  /** The declared spec as JSON (see DeploymentSpec) */
  spec: string;
  /** apply, or the promotion's gate verdict id */
  cause: string;
  changedAt: number;
}

/** What the registry did about a gate's verdict, or a person's request */
export interface PromotionDecided {
  promotionId: string;
  model: string;
  version: number;
  alias: string;
  previousVersion?: null | number;
  decision: PromotionDecision;
  reason: string;
  requestedBy: string;
  verdictId?: null | string;
  /** Deployments that follow the alias and changed with it */
  deployments: Array<string>;
  decidedAt: number;
}

export type PromotionDecision = 'PROMOTED' | 'REFUSED';

export interface TextEntry {
  key: string;
  value: string;
}

export interface MetricPoint {
  key: string;
  /** May be NaN or infinite */
  value: number;
  /** ms since the epoch, as the client gave it */
  timestamp: number;
  step: number;
  /** Logged model that the point is about */
  modelId?: null | string;
  datasetName?: null | string;
  datasetDigest?: null | string;
}

/** One answered call that changed what is tracked. What a list does not name stays as it was. */
export interface TrackingChanged {
  kind: TrackedKind;
  id: string;
  experimentId?: null | string;
  change: TrackedChange;
  /** Attributes as they are from now on, under MLflow's names */
  attributes?: Array<TextEntry>;
  params?: Array<TextEntry>;
  tags?: Array<TextEntry>;
  removedTags?: Array<string>;
  metrics?: Array<MetricPoint>;
  datasets?: Array<DatasetRead>;
  /** Logged models that a run read */
  inputModels?: Array<string>;
  /** Logged models that a run made */
  outputModels?: Array<string>;
  changedAt: number;
}

export type TrackedKind = 'EXPERIMENT' | 'RUN' | 'LOGGED_MODEL' | 'TRACE' | 'EVALUATION_DATASET';

export type TrackedChange = 'CREATED' | 'UPDATED' | 'LOGGED' | 'DELETED' | 'RESTORED';

export interface DatasetRead {
  name: string;
  digest: string;
  tags?: Array<TextEntry>;
}

/** A data set without a copy: offset ranges plus a hash of what they held */
export interface DatasetSnapshot {
  ranges: Array<OffsetRange>;
  fromTime: number;
  /** Exclusive */
  toTime: number;
  /** Labelled rows after the join */
  rows: number;
  /** Over the joined rows in record-id order */
  sha256: string;
}

export interface TrainingFinished {
  jobId: string;
  deployment: string;
  model: string;
  /** Null for the first model */
  commandId?: null | string;
  status: TrainingStatus;
  reason?: null | string;
  version?: null | number;
  runId?: null | string;
  snapshot?: null | DatasetSnapshot;
  finishedAt: number;
}

export type TrainingStatus = 'REGISTERED' | 'FAILED';

export interface GateCheck {
  name: string;
  passed: boolean;
  champion: null | number;
  candidate: null | number;
  detail: string;
}

/** Is the candidate better than the champion on recorded traffic whose labels have arrived? The registry alone promotes on it. */
export interface GateDecided {
  verdictId: string;
  jobId: string;
  deployment: string;
  model: string;
  alias: string;
  championVersion?: null | number;
  candidateVersion: number;
  passed: boolean;
  reasons: Array<string>;
  checks: Array<GateCheck>;
  /** Rows both versions were compared on */
  rows: number;
  replayId?: null | string;
  commandId?: null | string;
  decidedAt: number;
}
