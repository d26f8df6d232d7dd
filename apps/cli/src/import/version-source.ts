import type { ModelVersion } from './mlflow-messages.js';

/** Folders of what a version's files may belong to: there, and here. */
export interface OwnerFolders {
  readonly from: string;
  readonly to: string;
}

export interface Ids {
  run(origin: string): string | undefined;
  model(origin: string): string | undefined;
}

/**
 * A version's source with the ids and folders it has here. Copies of versions keep their source: names and numbers are the same. What lies in no folder that
 * was copied stays as it is.
 * @returns undefined when it names a run or logged model that was not copied
 */
export function sourceHere(
  { source, run_id, model_id }: Pick<ModelVersion, 'source' | 'run_id' | 'model_id'>,
  ids: Ids,
  folders: readonly OwnerFolders[],
): string | undefined {
  const ofRun = /^runs:\/([0-9a-zA-Z_-]+)(\/.*)?$/.exec(source);
  if (ofRun) return replaced(ids.run(ofRun[1]!), (id) => `runs:/${id}${ofRun[2] ?? ''}`);
  const ofModel = /^models:\/(m-[0-9a-zA-Z-]+)$/.exec(source);
  if (ofModel) return replaced(ids.model(ofModel[1]!), (id) => `models:/${id}`);
  const owner = folders.find(({ from }) => source === from || source.startsWith(`${from}/`));
  if (owner) return `${owner.to}${source.slice(owner.from.length)}`;
  const isOwned = source.startsWith('mlflow-artifacts:') && (run_id || model_id);
  return isOwned ? undefined : source;
}

const replaced = (id: string | undefined, text: (id: string) => string) => (id === undefined ? undefined : text(id));
