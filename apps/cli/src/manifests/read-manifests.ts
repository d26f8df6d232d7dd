import { readFileSync } from 'node:fs';
import { parseAllDocuments, type Document } from 'yaml';

/** A deployment as a user declares it; the registry checks `spec`. */
export interface DeploymentManifest {
  readonly apiVersion: string;
  readonly kind: 'Deployment';
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

/** What is wrong with a file, every fault on a line of its own. */
export class ManifestError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ManifestError';
  }
}

const API_VERSION = 'headrace.dev/v1';
const STANDARD_INPUT = 0;

/**
 * Reads all documents of a YAML (or JSON) file; `-` is standard input.
 * @throws ManifestError listing the faults of all documents
 */
export function readManifests(file: string): DeploymentManifest[] {
  return parseManifests(readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8'), file === '-' ? 'stdin' : file);
}

export function parseManifests(text: string, file: string): DeploymentManifest[] {
  const documents = [...parseAllDocuments(text)] as Document.Parsed[];
  const named = documents.map((document, index) => ({
    document,
    place: documents.length > 1 ? `${file}, document ${index + 1}` : file,
  }));
  const filled = named.filter(({ document }) => document.errors.length > 0 || document.toJS() !== null);
  const faults = filled.flatMap(({ document, place }) => faultsOf(document, place));
  if (filled.length === 0) faults.push(`${file}: holds no document`);
  if (faults.length > 0) throw new ManifestError(faults);
  return filled.map(({ document }) => document.toJS() as DeploymentManifest);
}

function faultsOf(document: Document.Parsed, place: string): string[] {
  if (document.errors.length > 0) return document.errors.map(({ message }) => `${place}: ${message.split('\n')[0]}`);
  const value = document.toJS() as Partial<DeploymentManifest> | null;
  const faults: string[] = [];
  if (value?.apiVersion !== API_VERSION) faults.push(`${place}: apiVersion: expected ${API_VERSION}`);
  if (value?.kind !== 'Deployment') faults.push(`${place}: kind: expected Deployment`);
  if (typeof value?.metadata?.name !== 'string') faults.push(`${place}: metadata.name: expected a name`);
  if (typeof value?.spec !== 'object' || value.spec === null) faults.push(`${place}: spec: expected a mapping`);
  return faults;
}
