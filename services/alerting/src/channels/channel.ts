import type { AlertChanged } from '@headrace/contracts';

/** Somewhere that people look. */
export interface Channel {
  readonly name: string;
  /**
   * Resolves when the channel has taken the alert; throws otherwise, and is asked again later.
   * @param idempotencyKey the same for every attempt to tell the same change
   */
  deliver(alert: AlertChanged, idempotencyKey: string): Promise<void>;
}
