import {
  topics,
  type DeploymentApplied,
  type DeploymentChanged,
  type DriftReported,
  type GateDecided,
  type PredictionMade,
  type PromotionDecided,
  type ReplayFinished,
  type RetrainModel,
  type TrainingFinished,
} from '@headrace/contracts';
import type { FlightFeatures, FlightLabel } from '../data/timeline.js';
import { FLIGHTS } from '../play/topics.js';
import type { SeenRecord } from './follower.js';

/** What a deployment did with the records it was given. */
export interface Answers {
  /** First prediction by record id. */
  readonly predictions: Map<string, { readonly score: number | null; readonly version: number }>;
  /** Further predictions of a record id that had one: exactly-once means none. */
  repeated: number;
  /** Records that came back from the dead letters for this deployment. */
  redriven: number;
  /** Places of dead letters. */
  readonly deadLetters: Set<string>;
}

/** A value and where it lies. */
export interface Placed<T> {
  readonly value: T;
  readonly partition: number;
  readonly offset: number;
}

/** Everything the topics have told so far, folded. Same topics, same state. */
export class LoopState {
  /** First record by flight id. */
  readonly departures = new Map<string, Placed<FlightFeatures>>();
  readonly landings = new Map<string, Placed<FlightLabel>>();
  /** Records of the features topic, repeated ids included, redriven ones not. */
  featureRecords = 0;
  latestEventTime = 0;
  readonly answers = new Map<string, Answers>();
  readonly deployments = new Map<string, DeploymentChanged>();
  readonly reports: DriftReported[] = [];
  readonly commands: RetrainModel[] = [];
  readonly trainings: TrainingFinished[] = [];
  readonly replays: ReplayFinished[] = [];
  readonly verdicts: GateDecided[] = [];
  readonly promotions: PromotionDecided[] = [];
  readonly effects: DeploymentApplied[] = [];

  private readonly folds: Readonly<Record<string, (record: SeenRecord) => void>> = {
    [FLIGHTS.features]: (record) => this.entered(record),
    [FLIGHTS.labels]: (record) => this.landed(placed(record)),
    [topics.predictions.name]: ({ value }) => this.predicted(value as PredictionMade),
    [topics.deadLetters.name]: (record) => this.rejected(record),
    [topics.deployments.name]: ({ key, value }) => this.deployed(key ?? '', value as DeploymentChanged | null),
    [topics.deploymentEffects.name]: ({ value }) => this.effects.push(value as DeploymentApplied),
    [topics.driftReports.name]: ({ value }) => this.reports.push(value as DriftReported),
    [topics.retrainCommands.name]: ({ value }) => addOnce(this.commands, value as RetrainModel, 'commandId'),
    [topics.trainingEvents.name]: ({ value }) => addOnce(this.trainings, value as TrainingFinished, 'jobId'),
    [topics.replayResults.name]: ({ value }) => addOnce(this.replays, value as ReplayFinished, 'replayId'),
    [topics.gateVerdicts.name]: ({ value }) => addOnce(this.verdicts, value as GateDecided, 'verdictId'),
    [topics.promotions.name]: ({ value }) => addOnce(this.promotions, value as PromotionDecided, 'promotionId'),
  };

  /** Topics that the state is made of; dead letters have no schema. */
  get topics(): { readonly avro: string[]; readonly raw: string[] } {
    const raw = [topics.deadLetters.name];
    return { avro: Object.keys(this.folds).filter((name) => !raw.includes(name)), raw };
  }

  fold(record: SeenRecord): void {
    this.folds[record.topic]?.(record);
  }

  answersOf(deployment: string): Answers {
    let answers = this.answers.get(deployment);
    if (!answers) {
      answers = { predictions: new Map(), repeated: 0, redriven: 0, deadLetters: new Set() };
      this.answers.set(deployment, answers);
    }
    return answers;
  }

  /** A redriven record is to be answered once more, by the deployment that rejected it alone. */
  private entered(record: SeenRecord): void {
    const group = text(record.headers.headrace_redrive_group);
    const deployment = deploymentOf(group);
    if (deployment) this.answersOf(deployment).redriven++;
    else if (!group) this.departed(placed(record));
  }

  private departed(record: Placed<FlightFeatures | null>): void {
    // Every record is to be answered, whoever wrote it; only what names a flight of ours is compared.
    this.featureRecords++;
    if (!isFlight(record)) return;
    const { flightId, departedAt } = record.value;
    if (!this.departures.has(flightId)) this.departures.set(flightId, record);
    this.sawTime(departedAt);
  }

  private landed(record: Placed<FlightLabel | null>): void {
    if (!isFlight(record)) return;
    const { flightId, landedAt } = record.value;
    if (!this.landings.has(flightId)) this.landings.set(flightId, record);
    this.sawTime(landedAt);
  }

  private predicted({ deployment, recordId, score, version, input }: PredictionMade): void {
    // Requests over HTTP answer no record of the topic.
    if (!input) return;
    const answers = this.answersOf(deployment);
    if (answers.predictions.has(recordId)) answers.repeated++;
    else answers.predictions.set(recordId, { score: score ?? null, version });
  }

  /** Others' records may give the time as text, or not at all. */
  private sawTime(time: unknown): void {
    if (typeof time === 'number') this.latestEventTime = Math.max(this.latestEventTime, time);
  }

  /** The group that rejected it tells whose answer it is; a replay's rejections answer no live record. */
  private rejected({ headers }: SeenRecord): void {
    const place = text(headers.dlq_place);
    const deployment = deploymentOf(text(headers.dlq_group));
    if (deployment && place?.startsWith(`${FLIGHTS.features}/`)) this.answersOf(deployment).deadLetters.add(place);
  }

  private deployed(name: string, deployment: DeploymentChanged | null): void {
    if (deployment) this.deployments.set(name, deployment);
    else this.deployments.delete(name);
  }
}

function deploymentOf(group: string | undefined): string | undefined {
  return /^headrace\.streaming\.(.+)$/.exec(group ?? '')?.[1];
}

function isFlight<T extends { flightId: string }>(record: Placed<T | null>): record is Placed<T> {
  return typeof record.value?.flightId === 'string';
}

function placed<T>({ value, partition, offset }: SeenRecord): Placed<T> {
  return { value: value as T, partition, offset };
}

/** At-least-once producers may repeat an event; its id tells. */
function addOnce<T, K extends keyof T>(list: T[], event: T, id: K): void {
  if (!list.some((known) => known[id] === event[id])) list.push(event);
}

function text(header: unknown): string | undefined {
  return Buffer.isBuffer(header) || typeof header === 'string' ? header.toString() : undefined;
}
