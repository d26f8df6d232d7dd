import type { GatewayClient } from '../gateway/gateway-client.js';
import { unless } from '../gateway/mlflow.js';
import { countLoggedModel, countModel, countRun } from './closing-count.js';
import { copyLoggedModel, createLoggedModel } from './copy-logged-model.js';
import { copyAliases, copyModel, copyVersion } from './copy-registry.js';
import { copyRun, createRun, type Copying } from './copy-run.js';
import { inParallel } from './in-parallel.js';
import type { Experiment, LoggedModel, Pair, Run } from './mlflow-messages.js';
import { MlflowServer } from './mlflow-server.js';
import { Origins } from './origins.js';
import { Progress, type ProgressOutput } from './progress.js';
import { Tally } from './tally.js';

const API = '/api/2.0/mlflow';
const AT_ONCE = 8;

export interface Imported {
  readonly tally: Tally;
  /** What could not be copied, and why; the rest was. */
  readonly problems: readonly string[];
}

/**
 * Copies what an MLflow server holds, from outside in: experiments, empty runs and logged models under tags with their old ids, then their content, then the
 * registry. Nothing is kept but in these tags, so it can be killed at any moment and begun again. One at a time.
 */
export class MlflowImport {
  private readonly problems: string[] = [];
  private readonly origins = new Origins();
  private readonly from: MlflowServer;
  private readonly to: MlflowServer;

  constructor(
    there: GatewayClient,
    private readonly here: GatewayClient,
    private readonly output: ProgressOutput,
  ) {
    this.from = new MlflowServer(there);
    this.to = new MlflowServer(here);
  }

  async run(): Promise<Imported> {
    const experiments = await collect(this.from.experiments());
    for (const each of experiments) await this.attempt(`experiment '${each.name}'`, () => this.experiment(each));
    const copied = experiments.filter(({ experiment_id }) => this.origins.experiments.has(experiment_id));
    const totals = await this.create(copied);
    await this.copy('runs', totals.runs, this.all(copied, 'runs'), (copying, run: Run) =>
      this.origins.isRunDone(run.info.run_id) ? undefined : copyRun(copying, run),
    );
    await this.copy('logged models', totals.models, this.all(copied, 'loggedModels'), (copying, model: LoggedModel) =>
      this.origins.isModelDone(model.info.model_id) ? undefined : copyLoggedModel(copying, model),
    );
    await this.registry();
    return { tally: await this.count(experiments, totals), problems: this.problems };
  }

  /** An experiment of the same name is gone on with. */
  private async experiment({ experiment_id, name, tags = [] }: Experiment): Promise<void> {
    const query = new URLSearchParams({ experiment_name: name }).toString();
    const known = await unless('RESOURCE_DOES_NOT_EXIST', () =>
      this.here.get<{ experiment: Experiment & { lifecycle_stage?: string } }>(
        `${API}/experiments/get-by-name?${query}`,
      ),
    );
    if (known?.experiment.lifecycle_stage === 'deleted') throw new Error('it is deleted here: restore it first');
    const made = known?.experiment ?? (await this.here.post<Experiment>(`${API}/experiments/create`, { name, tags }));
    if (known) await this.tagExperiment(made.experiment_id, tags);
    this.origins.experiments.set(experiment_id, made.experiment_id);
  }

  private async tagExperiment(experiment_id: string, tags: readonly Pair[]): Promise<void> {
    for (const tag of tags) await this.here.post(`${API}/experiments/set-experiment-tag`, { experiment_id, ...tag });
  }

  /** Runs and logged models without content, where they are missing. @returns how many there are */
  private async create(experiments: readonly Experiment[]): Promise<{ runs: number; models: number }> {
    const totals = { runs: 0, models: 0 };
    for (const { experiment_id } of experiments) {
      const here = this.origins.experiments.get(experiment_id)!;
      for await (const run of this.to.runs(here)) this.origins.sawRun(run);
      for await (const model of this.to.loggedModels(here)) this.origins.sawModel(model);
    }
    const copying = this.copying(() => undefined);
    await inParallel(this.all(experiments, 'runs'), AT_ONCE, async (run) => {
      totals.runs++;
      if (!this.origins.run(run.info.run_id))
        await this.attempt(`run ${run.info.run_id}`, () => createRun(copying, run));
    });
    await inParallel(this.all(experiments, 'loggedModels'), AT_ONCE, async (model) => {
      totals.models++;
      if (!this.origins.model(model.info.model_id))
        await this.attempt(`logged model ${model.info.model_id}`, () => createLoggedModel(copying, model));
    });
    return totals;
  }

  private async copy<T extends Run | LoggedModel>(
    what: string,
    total: number,
    items: AsyncIterable<T>,
    work: (copying: Copying, item: T) => Promise<void> | undefined,
  ): Promise<void> {
    const progress = new Progress(what, total, this.output);
    const copying = this.copying((bytes) => progress.addBytes(bytes));
    await inParallel(items, AT_ONCE, async (item) => {
      const id = 'run_id' in item.info ? item.info.run_id : item.info.model_id;
      if (this.origins.run(id) ?? this.origins.model(id)) await this.attempt(id, async () => work(copying, item));
      progress.step();
    });
    progress.end();
  }

  private async registry(): Promise<void> {
    const models = await collect(this.from.registeredModels());
    const versions = await this.from.versions(models);
    const progress = new Progress('models', models.length + versions.length, this.output);
    const copying = this.copying(() => undefined);
    for (const model of models) {
      await this.attempt(`model '${model.name}'`, () => copyModel(copying, model));
      progress.step();
    }
    for (const version of versions) {
      await this.attempt(`version ${version.version} of '${version.name}'`, () => copyVersion(copying, version));
      progress.step();
    }
    for (const model of models) await this.attempt(`aliases of '${model.name}'`, () => copyAliases(copying, model));
    progress.end();
  }

  /** Both sides are read again. What was here before the import is left out of the count. */
  private async count(experiments: readonly Experiment[], totals: { runs: number; models: number }): Promise<Tally> {
    const tally = new Tally();
    const progress = new Progress('counting', totals.runs + totals.models, this.output);
    for (const { experiment_id, name } of experiments) {
      const here = this.origins.experiments.has(experiment_id);
      tally.add(`experiment '${name}'`, { experiments: 1 }, here ? { experiments: 1 } : {});
    }
    await inParallel(this.all(experiments, 'runs'), AT_ONCE, async (run) => {
      const id = this.origins.run(run.info.run_id);
      const here = id === undefined ? {} : await countRun(this.to, await this.to.run(id));
      tally.add(`run ${run.info.run_id}`, await countRun(this.from, run), here);
      progress.step();
    });
    await inParallel(this.all(experiments, 'loggedModels'), AT_ONCE, async (model) => {
      const id = this.origins.model(model.info.model_id);
      const here = id === undefined ? {} : await countLoggedModel(this.to, await this.to.loggedModel(id));
      tally.add(`logged model ${model.info.model_id}`, await countLoggedModel(this.from, model), here);
      progress.step();
    });
    await this.countModels(tally);
    progress.end();
    return tally;
  }

  private async countModels(tally: Tally): Promise<void> {
    const [there, here] = [await collect(this.from.registeredModels()), await collect(this.to.registeredModels())];
    const versions = { there: await this.from.versions(there), here: await this.to.versions(here) };
    for (const model of there) {
      const own = here.find(({ name }) => name === model.name);
      const counted = own ? countModel(own, versions.here) : {};
      tally.add(`model '${model.name}'`, countModel(model, versions.there), counted);
    }
  }

  private async *all<K extends 'runs' | 'loggedModels'>(experiments: readonly Experiment[], kind: K) {
    for (const { experiment_id } of experiments)
      yield* this.from[kind](experiment_id) as AsyncGenerator<K extends 'runs' ? Run : LoggedModel>;
  }

  private copying(onBytes: (bytes: number) => void): Copying {
    const { from, to, here, origins } = this;
    return { from, to, here, origins, onBytes };
  }

  /** One thing that cannot be copied does not keep the others. */
  private async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
