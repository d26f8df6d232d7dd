import { invalidParameter } from './mlflow-error.js';

/** Where a version's files are: in the artifact store, or relative to a run's artifact folder. */
export type ArtifactLocation = { kind: 'store'; path: string } | { kind: 'run'; runId: string; path: string };

/**
 * Reads mlflow-artifacts:/path, mlflow-artifacts://host/path and runs:/runId/path. Everything else is refused: a local path or another scheme
 * would let a version point at files of whichever machine resolves it.
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function parseArtifactUri(uri: string): ArtifactLocation {
  const store = /^mlflow-artifacts:(?:\/\/[^/]*)?\/([^?#]*)$/.exec(uri);
  if (store) return { kind: 'store', path: checkedPath(store[1]!, uri) };
  const run = /^runs:\/([0-9a-zA-Z_-]{1,64})(?:\/([^?#]*))?$/.exec(uri);
  if (run) return { kind: 'run', runId: run[1]!, path: checkedPath(run[2] ?? '', uri) };
  throw invalidParameter(
    `Invalid model version source: '${uri.slice(0, 300)}'. Use mlflow-artifacts:/… or runs:/<run id>/…; local paths and other stores are refused.`,
  );
}

/** The path without slashes at its ends. */
function checkedPath(path: string, uri: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const decoded = segments.map((segment) => safeDecode(segment));
  if (
    decoded.some((segment) => segment === undefined || segment === '.' || segment === '..' || /[\\/\0]/.test(segment))
  ) {
    throw invalidParameter(`Invalid model version source: '${uri.slice(0, 300)}' leads out of the artifact store`);
  }
  return segments.join('/');
}

function safeDecode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
