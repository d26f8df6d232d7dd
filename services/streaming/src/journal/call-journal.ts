import type { ResolvedModel } from '@headrace/contracts';

/** Which version is called, for whom. */
export interface CalledVersion extends Pick<ResolvedModel, 'version' | 'sha256'> {
  readonly model: string;
  readonly deployment: string;
}

/** A version's place in a journal, prepared once, so that a call allocates nothing. */
export type CallSlot = symbol | object;

/**
 * Says which version is being called, in a way that outlives the process: a call can kill it, or never come back. One call at a time.
 */
export interface CallJournal {
  slot(version: CalledVersion): CallSlot;
  /** Before a call: with the first record of the batch in hand, by which a repeated death is known from a chance one. */
  begin(slot: CallSlot, partition: number, offset: number): void;
  /** After it, however it went. */
  end(): void;
}

/** Twin for tests: remembers the calls. */
export class InMemoryCallJournal implements CallJournal {
  readonly calls: CalledVersion[] = [];
  running: CalledVersion | null = null;

  slot(version: CalledVersion): CallSlot {
    return version;
  }

  begin(slot: CallSlot): void {
    this.running = slot as CalledVersion;
    this.calls.push(this.running);
  }

  end(): void {
    this.running = null;
  }
}
