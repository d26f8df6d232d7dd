import type { ErrorCode } from '@headrace/service-kit';
import type { TrainingOutcome } from './model-training.js';

/** What the training process answers, once. */
export type TrainingAnswer =
  | { readonly outcome: TrainingOutcome }
  | {
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly context: Record<string, unknown> };
    };
