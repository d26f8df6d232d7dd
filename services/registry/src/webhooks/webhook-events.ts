import type { Tag } from '@headrace/mlflow-protocol';
import { PROMPT_TAG, PROMPT_TEXT_TAG, PROMPT_TYPE_TAG } from '../models/prompts.js';

/** Every event that MLflow's webhooks can be asked for, as entity.action. */
export const WEBHOOK_EVENTS = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
  'budget_policy.exceeded',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What happened, and which event tells it of a model and of a prompt. */
export const TELLS = {
  'model.created': { model: 'registered_model.created', prompt: 'prompt.created' },
  'version.created': { model: 'model_version.created', prompt: 'prompt_version.created' },
  'model-tag.set': { model: undefined, prompt: 'prompt_tag.set' },
  'model-tag.deleted': { model: undefined, prompt: 'prompt_tag.deleted' },
  'version-tag.set': { model: 'model_version_tag.set', prompt: 'prompt_version_tag.set' },
  'version-tag.deleted': { model: 'model_version_tag.deleted', prompt: 'prompt_version_tag.deleted' },
  'alias.set': { model: 'model_version_alias.created', prompt: 'prompt_alias.created' },
  'alias.deleted': { model: 'model_version_alias.deleted', prompt: 'prompt_alias.deleted' },
} as const satisfies Record<string, { model: WebhookEvent | undefined; prompt: WebhookEvent }>;
export type Told = keyof typeof TELLS;

/** Tags as payloads have them; a prompt's own marks are left out of its. */
export function tagsOf(tags: readonly Tag[], isPrompt: boolean): Record<string, string> {
  const marks = isPrompt ? [PROMPT_TAG, PROMPT_TYPE_TAG, PROMPT_TEXT_TAG] : [];
  return Object.fromEntries(tags.filter(({ key }) => !marks.includes(key)).map(({ key, value }) => [key, value]));
}

const model = { name: 'example_model' };
const prompt = { name: 'example_prompt' };
const tags = { example_key: 'example_value' };
const tag = { key: 'example_key' };
const set = { ...tag, value: 'example_value' };
const version = { version: '1' };
const alias = { alias: 'example_alias' };

/** What a test sends, as MLflow's does. */
export const EXAMPLES: Readonly<Record<WebhookEvent, object>> = {
  'registered_model.created': { ...model, tags, description: 'An example registered model' },
  'model_version.created': {
    ...model,
    ...version,
    source: 'models:/123',
    run_id: 'abcd1234abcd5678',
    tags,
    description: 'An example model version',
  },
  'model_version_tag.set': { ...model, ...version, ...set },
  'model_version_tag.deleted': { ...model, ...version, ...tag },
  'model_version_alias.created': { ...model, ...alias, ...version },
  'model_version_alias.deleted': { ...model, ...alias },
  'prompt.created': { ...prompt, tags, description: 'An example prompt' },
  'prompt_version.created': {
    ...prompt,
    ...version,
    template: 'Hello {{name}}!',
    tags,
    description: 'An example prompt version',
  },
  'prompt_tag.set': { ...prompt, ...set },
  'prompt_tag.deleted': { ...prompt, ...tag },
  'prompt_version_tag.set': { ...prompt, ...version, ...set },
  'prompt_version_tag.deleted': { ...prompt, ...version, ...tag },
  'prompt_alias.created': { ...prompt, ...alias, ...version },
  'prompt_alias.deleted': { ...prompt, ...alias },
  'budget_policy.exceeded': {
    budget_policy_id: 'bp-abc123',
    budget_unit: 'USD',
    budget_amount: 100,
    current_spend: 105.5,
    duration_unit: 'MONTHS',
    duration_value: 1,
    target_scope: 'ENDPOINT',
    workspace: 'default',
    target_value: 'ep-abc123',
    window_start: 1_704_067_200_000,
  },
};

/** The body of a delivery. It is signed as it is sent, so it is made once and kept. */
export function bodyOf(event: WebhookEvent, data: object, at: number): string {
  const [entity, action] = event.split('.');
  return JSON.stringify({ entity, action, timestamp: new Date(at).toISOString(), data });
}
