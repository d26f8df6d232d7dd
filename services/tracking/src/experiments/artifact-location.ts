import { invalidParameter, parseArtifactUri } from '@headrace/mlflow-protocol';
import { resolve } from 'node:path';

/**
 * Where an experiment's files shall be. This service serves mlflow-artifacts:/…; any other place is the client's own business and only recorded, a local path
 * made absolute, as MLflow does. Nothing here ever opens it.
 * @throws MlflowError INVALID_PARAMETER_VALUE
 */
export function checkedLocation(location: string | undefined): string | undefined {
  if (location === undefined) return undefined;
  if (/[?#]/.test(location)) throw invalid(location, 'it must hold neither query nor fragment');
  if (/^mlflow-artifacts:/.test(location)) return served(location);
  if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(location)) return resolve(location);
  if (location.split('/').includes('..')) throw invalid(location, "'..' is not allowed");
  return location;
}

function served(location: string): string {
  const parsed = parseArtifactUri(location);
  if (parsed.kind === 'store') return `mlflow-artifacts:/${parsed.path}`;
  throw invalid(location, 'expected mlflow-artifacts:/…');
}

const invalid = (location: string, why: string) =>
  invalidParameter(`Invalid artifact_location '${location.slice(0, 300)}': ${why}`);
