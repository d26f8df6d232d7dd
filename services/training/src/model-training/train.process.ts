import { HeadraceError, messageOf } from '@headrace/service-kit';
import { setPriority } from 'node:os';
import type { TrainingAnswer } from './messages.js';
import type { TrainingOrder } from './model-training.js';
import { trainModel } from './train-model.js';

/** Behind the services that answer and score: a model that is ready some seconds later harms nobody. */
const NICENESS = 10;

// The service is gone (SIGKILL included): nobody waits for this model any more.
process.on('disconnect', () => process.exit(1));
process.once('message', (order: TrainingOrder) => void answer(order));

async function answer(order: TrainingOrder): Promise<void> {
  setPriority(NICENESS);
  const result = await trainModel(order, new AbortController().signal).then(
    (outcome): TrainingAnswer => ({ outcome }),
    (error: unknown): TrainingAnswer => ({ error: describe(error) }),
  );
  process.send!(result, () => process.exit(0));
}

function describe(error: unknown) {
  if (error instanceof HeadraceError)
    return { code: error.code, message: error.message, context: { ...error.context } };
  return { code: 'INTERNAL' as const, message: messageOf(error), context: {} };
}
