/** When a run began, as its params and tags repeat it: one that says nothing of it is older than all. */
export const STARTED = 'coalesce(start_time, -9007199254740991)';
