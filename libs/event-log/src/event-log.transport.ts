import { HeadraceError } from '@headrace/service-kit';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Batch, BatchContext, BatchResult, EventLog, Subscription } from './event-log.js';
import { EVENT_LOG_TRANSPORT, type BatchSubscription } from './on-batch.js';

/** Nest's door to the log: finds the @OnBatch handlers once, at listen, and gives each its own consumer. */
export class EventLogTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = EVENT_LOG_TRANSPORT;
  private readonly subscriptions = new Map<string, Subscription>();

  constructor(private readonly eventLog: EventLog) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.subscribeAll().then(() => callback(), callback);
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions.values()].map((subscription) => subscription.stop()));
  }

  /** Nest asks for these; the log has no events of its own to tell and no client to hand out. */
  on(): void {}
  unwrap<T>(): T {
    return this.eventLog as T;
  }

  /** @throws Error naming the first handler whose topic stands still. It is tried again, and the handlers of other topics go on. */
  check(): void {
    for (const [pattern, subscription] of this.subscriptions) {
      if (subscription.isReady()) continue;
      const failure = subscription.failure();
      throw new Error(`consumer ${pattern} ${failure ? `fails: ${failure.message}` : 'has not joined its group'}`);
    }
  }

  private async subscribeAll(): Promise<void> {
    await Promise.all(
      [...this.messageHandlers].map(async ([pattern, handler]) => {
        // Nest chains a second handler of one pattern behind the first; two handlers of one topic and group are a mistake.
        if (handler.next)
          throw new HeadraceError('CONFIG_INVALID', `Two @OnBatch handlers for topic and group '${pattern}'`);
        const { topic, options } = subscriptionOf(pattern, handler);
        this.subscriptions.set(
          pattern,
          await this.eventLog.consume({ topic, ...options }, (batch, context) => call(handler, batch, context)),
        );
      }),
    );
  }
}

function subscriptionOf(pattern: string, handler: MessageHandler): BatchSubscription {
  const subscription = handler.extras?.['subscription'] as BatchSubscription | undefined;
  if (!subscription) throw new HeadraceError('CONFIG_INVALID', `Handler of '${pattern}' is not an @OnBatch handler`);
  return subscription;
}

/** Nest wraps what a handler returns; the result we want is the last value of whatever it made of it. */
async function call(
  handler: MessageHandler,
  batch: Batch<unknown>,
  context: BatchContext,
): Promise<BatchResult | void> {
  const answer: unknown = await handler(batch, context);
  return isObservable(answer)
    ? ((await lastValueFrom(answer, { defaultValue: undefined })) as BatchResult | void)
    : (answer as BatchResult | void);
}
