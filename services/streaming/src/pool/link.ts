import { HeadraceError, messageOf, type ErrorCode, type RetryAdvice } from '@headrace/service-kit/errors';

/** One end of a channel between two processes: process, or a forked child. */
export interface Channel {
  send?(message: unknown, callback?: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Message =
  | { readonly kind: 'tell'; readonly what: string; readonly body: unknown }
  | { readonly kind: 'ask'; readonly id: number; readonly what: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly body: unknown }
  | {
      readonly kind: 'refusal';
      readonly id: number;
      readonly code: ErrorCode;
      readonly retry: RetryAdvice;
      readonly message: string;
    };

/** Questions with answers, and plain news, between parent and child. */
export class Link {
  private lastId = 0;
  private readonly open = new Map<number, { resolve: (body: unknown) => void; reject: (error: Error) => void }>();
  private readonly answers = new Map<string, (body: never) => unknown>();
  private readonly listeners = new Map<string, (body: never) => void>();

  constructor(private readonly channel: Channel) {
    channel.on('message', (message) => void this.receive(message as Message));
  }

  /** How questions of this kind are answered; a HeadraceError that is thrown arrives as such. */
  onAsk<B>(what: string, answer: (body: B) => unknown): void {
    this.answers.set(what, answer);
  }

  onTell<B>(what: string, listener: (body: B) => void): void {
    this.listeners.set(what, listener);
  }

  tell(what: string, body: unknown = null): void {
    this.post({ kind: 'tell', what, body });
  }

  /** @throws HeadraceError as the other side threw it; UNAVAILABLE without an answer in time */
  ask<A>(what: string, body: unknown, timeoutMs: number): Promise<A> {
    const id = ++this.lastId;
    return new Promise<A>((resolve, reject) => {
      const late = () => reject(new HeadraceError('UNAVAILABLE', `no answer to '${what}' in ${timeoutMs} ms`));
      const timer = setTimeout(late, timeoutMs);
      const settle = () => clearTimeout(timer);
      this.open.set(id, {
        resolve: (body) => (settle(), resolve(body as A)),
        reject: (error) => (settle(), reject(error)),
      });
      this.post({ kind: 'ask', id, what, body });
    }).finally(() => this.open.delete(id));
  }

  /** A channel that is closed takes nothing; whoever asked hears so by the time-out. */
  private post(message: Message): void {
    this.channel.send?.(message, () => undefined);
  }

  private async receive(message: Message): Promise<void> {
    if (message.kind === 'tell') this.listeners.get(message.what)?.(message.body as never);
    else if (message.kind === 'answer') this.open.get(message.id)?.resolve(message.body);
    else if (message.kind === 'refusal') {
      const { code, retry } = message;
      this.open.get(message.id)?.reject(new HeadraceError(code, message.message, { retry }));
    } else if (message.kind === 'ask') this.post(await this.reply(message));
  }

  private async reply({ id, what, body }: Extract<Message, { kind: 'ask' }>): Promise<Message> {
    try {
      const answer = this.answers.get(what);
      if (!answer) throw new HeadraceError('NOT_FOUND', `nobody answers '${what}'`);
      return { kind: 'answer', id, body: await answer(body as never) };
    } catch (error) {
      const { code, retry } =
        error instanceof HeadraceError ? error : { code: 'INTERNAL' as const, retry: 'later' as const };
      return { kind: 'refusal', id, code, retry, message: messageOf(error) };
    }
  }
}
