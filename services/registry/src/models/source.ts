import { invalidParameter } from '@headrace/mlflow-protocol';

/** What a version's source names. */
export type Source =
  | { readonly kind: 'run'; readonly runId: string; readonly path: string }
  | { readonly kind: 'logged-model'; readonly modelId: string }
  /** Another version, by number, alias or stage; `latest` is the newest. */
  | { readonly kind: 'version'; readonly name: string; readonly suffix: string; readonly isAlias: boolean }
  /** In the artifact store behind this address. */
  | { readonly kind: 'artifacts'; readonly uri: string }
  /** Somewhere that is not looked into. */
  | { readonly kind: 'elsewhere' };

/**
 * Reads a version's source by MLflow's rules (3.17): a local path, or a way out of a folder, would let a version point at files of whichever machine
 * resolves it.
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function readSource(source: string): Source {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(source)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') {
    throw invalidParameter(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
    );
  }
  checkPath(source, scheme);
  const rest = source.slice(scheme.length + 1);
  if (scheme === 'runs') return readRun(source, rest);
  if (scheme === 'models') return readModel(source, rest);
  if (scheme === 'mlflow-artifacts' || isArtifactApi(scheme, rest)) return { kind: 'artifacts', uri: source };
  return { kind: 'elsewhere' };
}

/** The source names something that the request has not named as its owner. */
export function notOwned(source: string, owner: 'run_id' | 'model_id') {
  return invalidParameter(
    `Invalid model version source: '${source}'. The ${owner} request parameter must identify the resource that contains the source.`,
  );
}

function checkPath(source: string, scheme: string): void {
  const plain = unquoted(source);
  const path = plain
    .slice(scheme.length + 1)
    .replace(/^\/\/[^/?#]*/, '')
    .replace(/[?#].*$/s, '');
  const segments = path.split('/').filter((segment) => segment !== '');
  const leadsOut = plain.split('/').includes('..') || segments.includes('.') || plain.includes('\0');
  if (path.startsWith('/') && segments.length > 0 && !leadsOut) return;
  throw invalidParameter(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
  );
}

/** Percent-encoding undone as often as it was done: each resolver on the way may undo one. */
function unquoted(text: string): string {
  let plain = text;
  for (;;) {
    const next = plain.replace(/%([0-9A-Fa-f]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (next === plain) return plain;
    plain = next;
  }
}

function readRun(source: string, rest: string): Source {
  const found = /^\/([0-9a-zA-Z_-]{1,64})(?:\/([^?#]*))?$/.exec(rest);
  if (!found) throw notOwned(source, 'run_id');
  return { kind: 'run', runId: found[1]!, path: found[2] ?? '' };
}

function readModel(source: string, rest: string): Source {
  const byVersion = /^\/([^/@]+)(?:\/([^/@]+)|@([^/@]+))$/.exec(rest);
  if (byVersion) {
    const [, name, suffix, alias] = byVersion;
    return { kind: 'version', name: name!, suffix: (alias ?? suffix)!, isAlias: alias !== undefined };
  }
  const modelId = /^\/(m-[0-9a-zA-Z-]{1,62})$/.exec(rest)?.[1];
  if (modelId === undefined) throw notOwned(source, 'model_id');
  return { kind: 'logged-model', modelId };
}

function isArtifactApi(scheme: string, rest: string): boolean {
  return ['http', 'https'].includes(scheme) && unquoted(rest).includes('/api/2.0/mlflow-artifacts/artifacts');
}

/** Whether the first URI is the second or lies below it: the same scheme, authority and leading segments. */
export function liesWithin(uri: string, root: string): boolean {
  const [inner, outer] = [partsOf(uri), partsOf(root)];
  return (
    inner.head === outer.head &&
    outer.segments.length > 0 &&
    outer.segments.every((segment, index) => inner.segments[index] === segment)
  );
}

function partsOf(uri: string) {
  const [, head, path] = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?)(.*)$/is.exec(uri) ?? [uri, uri, ''];
  const segments = path!.split('/').filter((segment) => segment !== '');
  return { head: head!.toLowerCase().replace(/\/\/$/, ''), segments: segments.map(unquoted) };
}
