/** The log inside a Nest application. Apart from index.ts, so that a process without Nest does not load it (40 MB). */
export { EventLogModule } from './event-log.module.js';
export { OnBatch } from './on-batch.js';
