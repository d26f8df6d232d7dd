import { EventPattern } from '@nestjs/microservices';
import type { Topic } from '@headrace/contracts';
import type { ConsumeOptions } from './event-log.js';

/** Marks handlers as belonging to the event log's transport, so that other Nest transports leave them alone. */
export const EVENT_LOG_TRANSPORT = Symbol('headrace.event-log');

export type OnBatchOptions = Omit<ConsumeOptions<unknown>, 'topic' | 'ranges'>;

/** What @OnBatch leaves in the handler's metadata. */
export interface BatchSubscription {
  readonly topic: Topic<unknown>;
  readonly options: OnBatchOptions;
}

/** The method handles batches of a topic of the catalogue: `(batch: Batch<T>, context: BatchContext) => Promise<BatchResult | void>`. */
export function OnBatch(topic: Topic<any>, options: OnBatchOptions): MethodDecorator {
  const pattern = `${topic.name} ${options.group}`;
  const subscription: BatchSubscription = { topic, options };
  return EventPattern(pattern, EVENT_LOG_TRANSPORT, { subscription }) as MethodDecorator;
}
