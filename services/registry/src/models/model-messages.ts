import {
  emptyableText,
  int64,
  maxResults,
  optionalText,
  repeated,
  tag,
  text,
  type FilterGrammar,
} from '@headrace/mlflow-protocol';
import { z } from 'zod';
import { aliasFault } from './alias-name.js';

/** `/` and `:` would make models:/name/version ambiguous. */
export const modelName = text(256).refine(
  (name) => name.trim() !== '' && !/[/:]/.test(name),
  "it is blank, or holds '/' or ':'",
);
export const versionNumber = int64.pipe(z.number().min(1).max(2_147_483_647));
export const aliasName = z.string().superRefine((alias, context) => {
  const fault = aliasFault(alias);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

export const namedModel = z.object({ name: modelName });
export const createModel = z.object({ name: modelName, tags: repeated(tag), description: emptyableText(5000) });
export const updateModel = z.object({ name: modelName, description: emptyableText(5000) });
export const modelTag = z.object({ name: modelName, key: text(250), value: emptyableText(8000) });
export const modelTagKey = z.object({ name: modelName, key: text(250) });
export const modelAlias = z.object({ name: modelName, alias: aliasName });
export const setModelAlias = z.object({ name: modelName, alias: aliasName, version: versionNumber });
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
  tags: repeated(tag),
  run_link: emptyableText(500),
  description: emptyableText(5000),
});
export type CreateVersion = z.infer<typeof createVersion>;

const version = { name: modelName, version: versionNumber };
export const namedVersion = z.object(version);
export const updateVersion = z.object({ ...version, description: emptyableText(5000) });
export const versionTag = z.object({ ...version, key: text(250), value: emptyableText(8000) });
export const versionTagKey = z.object({ ...version, key: text(250) });

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
