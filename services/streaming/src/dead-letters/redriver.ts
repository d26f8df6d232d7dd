import type { DeadLetterRedriven } from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LetterLog } from './letter-log.js';
import type { Letter } from './letter.js';
import { parsePlace } from './place.js';
import { redriveEvents, type Redrivable } from './redrive-events.js';
import { refusalOf, type Refusal, type RefusalCode, type Specs } from './refusal.js';

export interface Redriven {
  readonly letter: string;
  readonly origin: string;
  readonly group: string;
  readonly topic: string;
  /** Null: by key, as the original one does not exist any more. */
  readonly partition: number | null;
  readonly attempt: number;
}

export interface RedriveOutcome {
  readonly redriven: Redriven[];
  readonly refused: Refusal[];
}

export interface RedriveOptions {
  /** Also what has been redriven already. */
  readonly again: boolean;
  /** Tells what would be, writes nothing. */
  readonly dryRun: boolean;
}

export interface RedriverParts {
  readonly eventLog: EventLog;
  readonly letters: LetterLog;
  readonly states: Pick<Table<DeadLetterRedriven>, 'get' | 'caughtUp'>;
  readonly specs: () => Specs;
  readonly onRedriven: (redriven: Redriven) => void;
}

/** Letters a transaction. */
const CHUNK = 100;
/** Each time somebody else redrove letters meanwhile. */
const MOST_ATTEMPTS = 20;
const PAUSE_MS = 50;
/**
 * One for all letters. With several, one's open transaction would hold back what readers see of the marks that others have
 * committed behind it, and a letter could look open that is not.
 */
const TRANSACTIONAL_ID = 'headrace.redrive';

/**
 * Sends records back to their topics, each with its mark in one transaction. Marks are read once nobody else can write one: of two
 * who redrive a letter, one finds the other's mark.
 */
export class Redriver {
  /** Within a process they take turns; between processes the log lets one through. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: RedriverParts) {}

  async redrive(letters: readonly Letter[], options: RedriveOptions): Promise<RedriveOutcome> {
    const outcome: RedriveOutcome = { redriven: [], refused: [] };
    const ready: Redrivable[] = [];
    for (const letter of letters) {
      const prepared = await this.prepare(letter);
      if ('code' in prepared) outcome.refused.push(prepared);
      else ready.push(prepared);
    }
    for (const chunk of chunksOf(ready)) {
      const done = options.dryRun
        ? await this.look(chunk, options)
        : await this.inTurn(() => this.write(chunk, options));
      outcome.redriven.push(...done.redriven);
      outcome.refused.push(...done.refused);
    }
    return outcome;
  }

  private async prepare(letter: Letter): Promise<Redrivable | Refusal> {
    const refuse = (code: RefusalCode, message: string): Refusal => ({ letter: letter.place, code, message });
    const refused = refusalOf(letter, this.parts.specs());
    if (refused) return refused;
    const origin = parsePlace(letter.origin)!;
    const partitions = await this.parts.letters.boundsOf(origin.topic);
    if (!partitions) return refuse('TOPIC_GONE', `topic ${origin.topic} does not exist any more`);
    const partition = partitions.some((each) => each.partition === origin.partition) ? origin.partition : undefined;
    const target = { letter, topic: origin.topic, partition };
    if (letter.leftOutBytes === null) return { ...target, record: letter };
    const original = await this.parts.letters.recordAt(origin);
    if (original)
      return { ...target, record: { ...original, value: original.raw, headers: withoutMarks(original.headers) } };
    const size = `its ${letter.leftOutBytes} bytes were too many for a letter`;
    return refuse('RECORD_GONE', `${size}, and retention has taken the record at ${letter.origin}`);
  }

  private async look(chunk: readonly Redrivable[], { again }: RedriveOptions): Promise<RedriveOutcome> {
    await this.parts.states.caughtUp();
    return split(chunk, (each) => (again ? undefined : this.parts.states.get(each.letter.place)));
  }

  /** A transaction whose outcome is not known is looked up by its mark, and tried again when there is none. */
  private async write(chunk: readonly Redrivable[], options: RedriveOptions): Promise<RedriveOutcome> {
    const request = { redriveId: randomUUID(), at: Date.now() };
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await this.writeOnce(chunk, request, options);
        outcome.redriven.forEach(this.parts.onRedriven);
        return outcome;
      } catch (error) {
        if (!(error instanceof HeadraceError)) throw error;
        if (error.code === 'INPUT_INVALID') return this.writeApart(chunk, options, error);
        if (error.code !== 'FENCED' || attempt === MOST_ATTEMPTS) throw error;
        await sleep(Math.random() * PAUSE_MS * attempt);
      }
    }
  }

  private async writeOnce(
    chunk: readonly Redrivable[],
    request: { readonly redriveId: string; readonly at: number },
    { again }: RedriveOptions,
  ): Promise<RedriveOutcome> {
    const { eventLog, states } = this.parts;
    let outcome: RedriveOutcome = { redriven: [], refused: [] };
    // 1. Nobody else writes marks any more, and what was begun is committed or gone.
    await eventLog.publishExclusively(TRANSACTIONAL_ID, async () => {
      // 2. The marks that there are.
      await states.caughtUp();
      const markOf = ({ letter }: Redrivable) => states.get(letter.place);
      const isOurs = (each: Redrivable) => markOf(each)?.redriveId === request.redriveId;
      outcome = split(chunk, (each) => (again || isOurs(each) ? undefined : markOf(each)));
      const refused = new Set(outcome.refused.map(({ letter }) => letter));
      // 3. Records and marks, together.
      return chunk
        .filter((each) => !refused.has(each.letter.place) && !isOurs(each))
        .flatMap((each) => redriveEvents(each, request, markOf(each)));
    });
    return outcome;
  }

  /** One of them is larger than its topic takes with the headers of a redrive: the others go without it. */
  private async writeApart(
    chunk: readonly Redrivable[],
    options: RedriveOptions,
    error: HeadraceError,
  ): Promise<RedriveOutcome> {
    if (chunk.length === 1)
      return { redriven: [], refused: [{ letter: chunk[0]!.letter.place, code: 'TOO_LARGE', message: error.message }] };
    const outcome: RedriveOutcome = { redriven: [], refused: [] };
    for (const each of chunk) {
      const { redriven, refused } = await this.write([each], options);
      outcome.redriven.push(...redriven);
      outcome.refused.push(...refused);
    }
    return outcome;
  }

  private inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

/** In the order of failure. */
function chunksOf(ready: readonly Redrivable[]): Redrivable[][] {
  const ordered = [...ready].sort(
    ({ letter: a }, { letter: b }) => a.at - b.at || a.partition - b.partition || a.offset - b.offset,
  );
  const starts = Array.from({ length: Math.ceil(ordered.length / CHUNK) }, (_, n) => n * CHUNK);
  return starts.map((start) => ordered.slice(start, start + CHUNK));
}

function split(
  chunk: readonly Redrivable[],
  markOf: (each: Redrivable) => DeadLetterRedriven | undefined,
): RedriveOutcome {
  const outcome: RedriveOutcome = { redriven: [], refused: [] };
  for (const each of chunk) {
    const { letter, topic, partition = null } = each;
    const mark = markOf(each);
    const { place, origin, group, attempt } = letter;
    if (!mark) outcome.redriven.push({ letter: place, origin, group, topic, partition, attempt: attempt + 1 });
    else outcome.refused.push({ letter: place, code: 'ALREADY_REDRIVEN', message: toldBy(mark) });
  }
  return outcome;
}

function toldBy({ redrivenAt, times }: DeadLetterRedriven): string {
  const when = new Date(redrivenAt).toISOString();
  return `it was redriven at ${when}${times > 1 ? `, for the ${times}th time` : ''}; ask for it again to have it read twice`;
}

function withoutMarks(headers: Letter['headers']): Letter['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(dlq_|headrace_redrive_)/.test(name)));
}
