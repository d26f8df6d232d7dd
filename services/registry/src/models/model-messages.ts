import {
  emptyableText,
  inFull,
  int64,
  maxResults,
  optionalText,
  repeated,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { z } from 'zod';
import { aliasFault, newAliasFault } from './alias-name.js';

/** A name is read as a path in places: `.`, `..` and the like would name something else there. */
const isPlainPath = (name: string): boolean => !/^\.?\/|^\.\.|^\.$|\/\/|\/\.{1,2}(\/|$)|\/$/.test(name);

/** `/` and `:` would make models:/name/version ambiguous. */
export const modelName = z.string().superRefine((name, context) => {
  if (name.trim() === '') context.addIssue(inFull(missing('name')));
  else if (/[/:]/.test(name))
    context.addIssue(inFull(`Invalid model name '${name.slice(0, 300)}'. Names cannot contain '/' or ':'.`));
  else if (name.length > 256 || name.includes('\0') || !isPlainPath(name))
    context.addIssue({ code: 'custom', message: "at most 256 characters, and not '.' or beginning with '..'" });
});

/** A whole number; none that PostgreSQL's integer cannot hold is ever given, so what lies beyond is some version that is not there. */
export const versionNumber = z.union([z.string(), z.number()]).transform((value, context) => {
  if (value === '') context.addIssue(inFull(missing('version')));
  else if (!/^\s*[-+]?\d+\s*$/.test(String(value)))
    context.addIssue(inFull(`Parameter 'version' must be an integer, got '${String(value).slice(0, 100)}'.`));
  return Math.max(-1, Math.min(Number(value), 2_147_483_647));
});

const alias = (faultOf: (alias: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue(inFull(fault));
  });
/** Of an alias that is there. */
export const aliasName = alias(aliasFault);
/** Of an alias that is to be set. */
export const newAliasName = alias(newAliasFault);

export const tagKey = text(250).refine(
  (key) => /^[/\p{L}\p{N}_.\- :]*$/u.test(key) && isPlainPath(key),
  "names may only contain alphanumerics, '_', '-', '.', ' ', ':' and '/', and must not be paths that lead elsewhere",
);
const tagValue = emptyableText(100_000);
const tag = z.object({ key: tagKey, value: tagValue });

function missing(name: string): string {
  return `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`;
}

export const namedModel = z.object({ name: modelName });
export const createModel = z.object({ name: modelName, tags: repeated(tag), description: emptyableText(5000) });
export const updateModel = z.object({ name: modelName, description: emptyableText(5000) });
export const renameModel = z.object({ name: modelName, new_name: modelName });
export const modelTag = z.object({ name: modelName, key: tagKey, value: tagValue });
export const modelTagKey = z.object({ name: modelName, key: tagKey });
export const modelAlias = z.object({ name: modelName, alias: aliasName });
export const setModelAlias = z.object({ name: modelName, alias: newAliasName, version: versionNumber });
export const latestVersions = z.object({ name: modelName, stages: repeated(z.string()) });

const search = (most: number) => ({
  filter: optionalText(10_000),
  order_by: repeated(z.string().max(1000)),
  page_token: optionalText(1000),
  max_results: maxResults(100, most),
});
export const searchModels = z.object(search(1000));
export const searchVersions = z.object(search(200_000));
export type Search = z.infer<typeof searchModels>;

export const createVersion = z.object({
  name: modelName,
  source: text(2000),
  run_id: optionalText(64),
  model_id: optionalText(64),
  tags: repeated(tag),
  run_link: emptyableText(500),
  description: emptyableText(5000),
});
export type CreateVersion = z.infer<typeof createVersion>;

/** A version as another registry has it: with the number and the time that it has there. */
export const importVersion = createVersion.extend({
  version: versionNumber.refine((number) => number >= 1, 'expected a number from 1'),
  creation_timestamp: int64.nullish(),
});
/** What such a version brings along. */
export interface GivenVersion {
  readonly version: number;
  /** Ms since the epoch; default now. */
  readonly creation_timestamp?: number | null | undefined;
}

const version = { name: modelName, version: versionNumber };
export const namedVersion = z.object(version);
export const updateVersion = z.object({ ...version, description: emptyableText(5000) });
export const versionTag = z.object({ ...version, key: tagKey, value: tagValue });
export const versionTagKey = z.object({ ...version, key: tagKey });
export const transitionStage = z.object({
  ...version,
  stage: text(100),
  archive_existing_versions: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
    .nullish()
    .transform((value) => value ?? false),
});

export const MODEL_GRAMMAR: FilterGrammar = { entities: ['tag'], attributes: { name: 'string' } };
export const MODEL_ORDER: FilterGrammar = {
  entities: [],
  attributes: { name: 'string', creation_timestamp: 'number', last_updated_timestamp: 'number' },
  aliases: { timestamp: 'last_updated_timestamp' },
};
export const VERSION_GRAMMAR: FilterGrammar = {
  entities: ['tag'],
  attributes: { name: 'string', run_id: 'string', source: 'string', version: 'number' },
  aliases: { source_path: 'source', version_number: 'version' },
};
export const VERSION_ORDER: FilterGrammar = {
  entities: [],
  attributes: { name: 'string', version: 'number', creation_timestamp: 'number', last_updated_timestamp: 'number' },
  aliases: { version_number: 'version' },
};
