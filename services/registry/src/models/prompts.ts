import type { Comparison, Tag } from '@headrace/mlflow-protocol';

/** MLflow keeps prompts as registered models with this tag. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';
/** Tags that make a prompt one; its text is a version's tag. */
export const PROMPT_TYPE_TAG = '_mlflow_prompt_type';
export const PROMPT_TEXT_TAG = 'mlflow.prompt.text';

/** Whether a search is for prompts; every other one leaves them out. */
export function asksForPrompts(comparisons: readonly Comparison[]): boolean {
  const first = comparisons.find(({ entity, key }) => entity === 'tag' && key === PROMPT_TAG);
  const value = String(first?.value).toLowerCase();
  return (first?.operator === '=' && value === 'true') || (first?.operator === '!=' && value === 'false');
}

/** The last of several tags of one key counts. */
export function isPrompt(tags: readonly Tag[]): boolean {
  return tags.findLast(({ key }) => key === PROMPT_TAG)?.value.toLowerCase() === 'true';
}

/** MLflow's clients name one of these where a version needs a source and a prompt has none. */
export const PROMPT_SOURCES = ['dummy-source', 'prompt-template'];
