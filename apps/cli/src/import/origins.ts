import type { LoggedModel, Pair, Run } from './mlflow-messages.js';

/** Tags that tell where something was copied from, by which a second import finds it again. */
export const ORIGIN = {
  run: 'headrace.import.run_id',
  model: 'headrace.import.model_id',
  version: 'headrace.import.version',
  /** Of runs and logged models that are there whole. */
  done: 'headrace.import.done',
} as const;

const PREFIX = 'headrace.import.';

export const tagOf = (tags: readonly Pair[] | undefined, name: string): string | undefined =>
  tags?.find(({ key }) => key === name)?.value;

/** Without those that copying has added. */
export const ownTags = (tags: readonly Pair[] = []): Pair[] => tags.filter(({ key }) => !key.startsWith(PREFIX));

/** Ids and folders here of what has others there: runs and logged models get theirs from tracking. */
export class Origins {
  readonly experiments = new Map<string, string>();
  private readonly runs = new Map<string, { runId: string; done: boolean }>();
  private readonly models = new Map<string, { modelId: string; done: boolean }>();

  /** Takes in a run here that was copied from elsewhere; any other is left alone. */
  sawRun({ info, data }: Run): void {
    const origin = tagOf(data.tags, ORIGIN.run);
    if (origin !== undefined)
      this.runs.set(origin, { runId: info.run_id, done: tagOf(data.tags, ORIGIN.done) !== undefined });
  }

  sawModel({ info }: LoggedModel): void {
    const origin = tagOf(info.tags, ORIGIN.model);
    if (origin !== undefined)
      this.models.set(origin, { modelId: info.model_id, done: tagOf(info.tags, ORIGIN.done) !== undefined });
  }

  run(origin: string): string | undefined {
    return this.runs.get(origin)?.runId;
  }

  model(origin: string): string | undefined {
    return this.models.get(origin)?.modelId;
  }

  isRunDone(origin: string): boolean {
    return this.runs.get(origin)?.done ?? false;
  }

  isModelDone(origin: string): boolean {
    return this.models.get(origin)?.done ?? false;
  }
}
