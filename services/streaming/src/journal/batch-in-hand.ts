import { AsyncLocalStorage } from 'node:async_hooks';

/** Where the batch that is being worked on begins. */
export interface BatchPlace {
  readonly partition: number;
  readonly offset: number;
}

const current = new AsyncLocalStorage<BatchPlace>();
const NONE: BatchPlace = { partition: -1, offset: -1 };

/** What is done in `work` is done for this batch: the journal names it, whatever lies between. */
export function withBatch<R>(place: BatchPlace, work: () => R): R {
  return current.run(place, work);
}

export function currentBatch(): BatchPlace {
  return current.getStore() ?? NONE;
}
