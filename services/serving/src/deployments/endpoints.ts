import {
  topics,
  type DeploymentChanged,
  type DeploymentSpec,
  type ModelQuarantined,
  type ResolvedModel,
} from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import { findVersion, type ModelCatalogue } from '@headrace/model-runtime/catalogue';
import { barringOf, quarantined } from '@headrace/model-runtime/quarantine';
import { HeadraceError, messageOf, type Logger } from '@headrace/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import { Endpoint, type EndpointParts } from './endpoint.js';

export interface EndpointsParts extends EndpointParts {
  readonly eventLog: EventLog;
  readonly logger: Logger;
  readonly catalogue: ModelCatalogue;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** How long readiness and shutdown wait for files that are being fetched. */
const FIRST_TRIES_MS = 10_000;

/** A version that is wanted and must not run. */
interface Barred {
  readonly model: ResolvedModel;
  readonly why: HeadraceError;
}

/**
 * The endpoints that the deployments topic asks for. A new version is loaded beside the old one and then takes its place in one
 * step; a version that cannot be loaded leaves the old one answering, and is tried again. A quarantined version is not loaded, and
 * stops answering: the version that answered before it does; in a process that has had none, the version before the change.
 */
export class Endpoints {
  private readonly byName = new Map<string, Endpoint>();
  private readonly work = new Map<string, Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly barred = new Map<string, Barred>();
  /** By deployment, what answered before what answers now, or last did. */
  private readonly former = new Map<string, ResolvedModel>();
  private table: Table<DeploymentChanged> | undefined;
  private quarantines: Table<ModelQuarantined> | undefined;
  private stopped = false;

  constructor(private readonly parts: EndpointsParts) {}

  /** Reads what is deployed and begins to load it. Resolves when that has been read. */
  async start(): Promise<void> {
    const { eventLog } = this.parts;
    // First: nothing is loaded before it is known what must not be.
    this.quarantines = await eventLog.table(topics.quarantines);
    this.table = await eventLog.table(topics.deployments);
    this.table.onChange((name) => this.reconcileSoon(name));
    this.quarantines.onChange(() => this.reconcileAll());
    this.reconcileAll();
  }

  /** Resolves when every deployment has been tried once, or when that takes too long: one slow file holds up no other. */
  async triedOnce(): Promise<void> {
    await within(FIRST_TRIES_MS, Promise.all(this.work.values()));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await within(FIRST_TRIES_MS, Promise.all(this.work.values()));
    await Promise.all([...this.byName.values()].map((endpoint) => endpoint.retire()));
    await this.table?.stop();
    await this.quarantines?.stop();
  }

  /** What answers for a deployment now. */
  get(deployment: string): Endpoint | undefined {
    return this.byName.get(deployment);
  }

  /** A version, by its deployment's name or by its registered model's name, as long as some deployment serves it. */
  version(name: string, version: number): Endpoint | undefined {
    const serving = [...this.byName.values()].filter(({ resolved }) => resolved.version === version);
    return (
      serving.find(({ deployment }) => deployment === name) ??
      serving.filter(({ resolved }) => resolved.name === name).sort((a, b) => (a.deployment < b.deployment ? -1 : 1))[0]
    );
  }

  /**
   * Why a version that is wanted does not answer, where a quarantine is why: of a deployment, or with a version of a deployment or a
   * registered model. Undefined otherwise.
   */
  refusal(name: string, version?: number): HeadraceError | undefined {
    for (const [deployment, { model, why }] of this.barred)
      if (version === undefined ? deployment === name : model.version === version && isNamed(name, deployment, model))
        return why;
    return undefined;
  }

  private reconcileAll(): void {
    for (const [name] of this.table?.entries() ?? []) this.reconcileSoon(name);
  }

  /** Changes of one deployment follow each other; deployments do not wait for one another. */
  private reconcileSoon(name: string, attempt = 1): void {
    const before = this.work.get(name) ?? Promise.resolve();
    this.work.set(
      name,
      before.then(() => this.reconcile(name, attempt)),
    );
  }

  private async reconcile(name: string, attempt: number): Promise<void> {
    if (this.stopped) return;
    const wanted = this.table?.get(name);
    try {
      if (!wanted) await this.remove(name);
      else if (wanted.model) await this.bring(wanted, wanted.model);
    } catch (error) {
      this.parts.logger.warn(
        { deployment: name, attempt, reason: messageOf(error) },
        'deployment cannot be served yet',
      );
      this.tryAgain(name, attempt);
    }
  }

  private async bring(wanted: DeploymentChanged, model: ResolvedModel): Promise<void> {
    const { name, generation } = wanted;
    const barring = this.barring(model);
    if (!barring) {
      const current = this.byName.get(name);
      const isThere = current?.generation === generation && isSame(current.resolved, model);
      if (!isThere) await this.replace(name, await this.load(wanted, model));
      this.barred.delete(name);
      return;
    }
    const why = quarantined(model, barring);
    if (!this.barred.has(name))
      this.parts.logger.warn({ deployment: name, reason: why.message }, 'quarantined version is not served');
    this.barred.set(name, { model, why });
    await this.fallBack(wanted);
  }

  /** What answers goes on, if it may; else what answered before it; else nothing does. */
  private async fallBack(wanted: DeploymentChanged): Promise<void> {
    const { name } = wanted;
    const current = this.byName.get(name);
    if (current && !this.barring(current.resolved)) return;
    // Nobody asks it meanwhile.
    if (current) await this.replace(name, undefined);
    const former = this.former.get(name) ?? (await this.previous(wanted));
    if (former && !this.barring(former)) await this.replace(name, await this.load(wanted, former));
  }

  private async previous({ model, previousVersion }: DeploymentChanged): Promise<ResolvedModel | undefined> {
    if (!model || previousVersion == null) return undefined;
    return findVersion(this.parts.catalogue, model.name, previousVersion);
  }

  private barring(model: ResolvedModel): ModelQuarantined | undefined {
    return this.quarantines && barringOf(this.quarantines, model);
  }

  private load(wanted: DeploymentChanged, model: ResolvedModel): Promise<Endpoint> {
    const spec = JSON.parse(wanted.spec) as DeploymentSpec;
    return Endpoint.load(this.parts, wanted.name, wanted.generation, spec, model);
  }

  private async remove(name: string): Promise<void> {
    this.barred.delete(name);
    this.former.delete(name);
    await this.replace(name, undefined);
  }

  private async replace(name: string, next: Endpoint | undefined): Promise<void> {
    const former = this.byName.get(name);
    if (next) this.byName.set(name, next);
    else this.byName.delete(name);
    if (former && next && !isSame(former.resolved, next.resolved)) this.former.set(name, former.resolved);
    const { logger } = this.parts;
    if (next) logger.info({ deployment: name, model: next.resolved.name, version: next.resolved.version }, 'serving');
    else if (former) logger.info({ deployment: name }, 'no longer served');
    await former?.retire();
  }

  private tryAgain(name: string, attempt: number): void {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.reconcileSoon(name, attempt + 1);
    }, pauseMs);
    this.timers.add(timer);
  }
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const timeout = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined);
  await Promise.race([work, late]).finally(() => timeout.abort());
}

function isSame(a: ResolvedModel, b: ResolvedModel): boolean {
  return a.name === b.name && a.version === b.version && a.sha256 === b.sha256;
}

function isNamed(name: string, deployment: string, model: ResolvedModel): boolean {
  return name === deployment || name === model.name;
}
