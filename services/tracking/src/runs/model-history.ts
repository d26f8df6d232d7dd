import { invalidParameter } from '@headrace/mlflow-protocol';

export const MODEL_HISTORY = 'mlflow.log-model.history';
const MANDATORY = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];

/** A model as its client describes it. @throws MlflowError INVALID_PARAMETER_VALUE */
export function modelOf(json: string): object {
  const model = parse(json);
  if (typeof model !== 'object' || model === null || Array.isArray(model)) throw malformed(json);
  const missing = MANDATORY.filter((field) => !Object.hasOwn(model, field));
  if (missing.length === 0) return model;
  throw invalidParameter(`Model json is missing mandatory fields: ${missing.join(', ')}`);
}

/** The history with one model more. A tag that is no list, which a user may have set, is begun anew. */
export function withModel(history: string | undefined, model: object): string {
  const known = history === undefined ? [] : parse(history);
  return JSON.stringify([...(Array.isArray(known) ? (known as unknown[]) : []), model]);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const malformed = (json: string) =>
  invalidParameter(`Malformed model info. \n ${json.slice(0, 300)} \n is not a valid JSON.`);
