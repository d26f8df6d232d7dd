import {
  topics,
  type DeadLetterRedriven,
  type DeploymentChanged,
  type DeploymentSpec,
  type OffsetRange,
} from '@headrace/contracts';
import type { EventLog, Table } from '@headrace/event-log';
import { HeadraceError } from '@headrace/service-kit';
import { matches, type LetterFilter } from './letter-filter.js';
import { LetterLog } from './letter-log.js';
import { readLetter, type Letter } from './letter.js';
import { parsePlace } from './place.js';
import { Redriver, type RedriveOptions, type RedriveOutcome, type Redriven } from './redriver.js';
import type { Specs } from './refusal.js';

export interface DeadLettersParts {
  readonly eventLog: EventLog;
  readonly onRedriven: (redriven: Redriven) => void;
}

/** A letter and what has become of it; the mark is undefined while it is open. */
export interface MarkedLetter {
  readonly letter: Letter;
  readonly mark: DeadLetterRedriven | undefined;
}

/** What a redrive of a filter did, and which ranges of headrace.dead-letters it has not looked through yet. */
export interface FilterOutcome extends RedriveOutcome {
  readonly remaining: OffsetRange[];
}

/** A search that takes longer than this stops where it is, ms: whoever asked waits for an answer. */
const SCAN_MS = 15_000;

/** What there is to see of dead letters, and their way back. */
export class DeadLetters {
  private readonly letters: LetterLog;
  private marks: Table<DeadLetterRedriven> | undefined;
  private deployments: Table<DeploymentChanged> | undefined;

  constructor(private readonly parts: DeadLettersParts) {
    this.letters = new LetterLog(parts.eventLog);
  }

  async start(): Promise<void> {
    this.deployments = await this.parts.eventLog.table(topics.deployments);
    this.marks = await this.parts.eventLog.table(topics.deadLetterStates);
  }

  async stop(): Promise<void> {
    await Promise.all([this.marks?.stop(), this.deployments?.stop()]);
  }

  /** Newest first. */
  async list(filter: LetterFilter, limit: number): Promise<MarkedLetter[]> {
    await this.table.caughtUp();
    const ranges = await this.letters.ranges(filter.since, filter.until);
    const found = await this.letters.newest(ranges, (letter) => this.isMeant(letter, filter), limit);
    return found.map((letter) => this.marked(letter));
  }

  /**
   * @param place the letter's own, or that of the rejected record where the filter leaves one letter of it
   * @throws HeadraceError INPUT_INVALID, NOT_FOUND, CONFLICT when several letters are of this record
   */
  async find(place: string, filter: LetterFilter = {}): Promise<MarkedLetter> {
    await this.table.caughtUp();
    const parsed = parsePlace(place);
    if (!parsed) throw new HeadraceError('INPUT_INVALID', `'${place}' is no place; write topic/partition@offset`);
    if (parsed.topic === topics.deadLetters.name) {
      const record = await this.letters.recordAt(parsed);
      if (record) return this.marked(readLetter(record));
      throw new HeadraceError('NOT_FOUND', `There is no dead letter at ${place}`);
    }
    return this.marked(await this.onlyLetterOf(place, filter));
  }

  /** The record's bytes, from the letter or, where it could not hold them, from the record's own place. @throws HeadraceError NOT_FOUND */
  async valueOf({ origin, place, value, leftOutBytes }: Letter): Promise<Buffer | null> {
    if (leftOutBytes === null) return value;
    const at = parsePlace(origin);
    const original = at && (await this.letters.recordAt(at));
    if (original) return original.raw;
    throw new HeadraceError(
      'NOT_FOUND',
      `Letter ${place} does not hold the ${leftOutBytes} bytes of ${origin}, and the record is no longer there`,
    );
  }

  redrive(letters: readonly Letter[], options: RedriveOptions): Promise<RedriveOutcome> {
    return this.redriver.redrive(letters, options);
  }

  /**
   * Open letters that match, oldest first; with `again` also redriven ones, where the filter names no state.
   * @param limit most letters this time; go on with the outcome's `remaining`, which never grows: what fails anew is not redriven again
   */
  async redriveMatching(
    filter: LetterFilter,
    limit: number,
    options: RedriveOptions,
    ranges?: readonly OffsetRange[],
  ): Promise<FilterOutcome> {
    await this.table.caughtUp();
    const wanted: LetterFilter = { ...filter, state: filter.state ?? (options.again ? undefined : 'open') };
    const rest = new Map(
      (ranges ?? (await this.letters.ranges(filter.since, filter.until))).map((range) => [range.partition, range]),
    );
    const found: Letter[] = [];
    let isWhole = true;
    const end = performance.now() + SCAN_MS;
    for await (const letter of this.letters.read([...rest.values()])) {
      if (found.length === limit || performance.now() > end) {
        isWhole = false;
        break;
      }
      rest.set(letter.partition, { ...rest.get(letter.partition)!, from: letter.offset + 1 });
      if (this.isMeant(letter, wanted)) found.push(letter);
    }
    const outcome = await this.redriver.redrive(found, options);
    return { ...outcome, remaining: isWhole ? [] : [...rest.values()].filter(({ from, to }) => from < to) };
  }

  private async onlyLetterOf(origin: string, filter: LetterFilter): Promise<Letter> {
    const isMeant = (letter: Letter) => letter.origin === origin && this.isMeant(letter, filter);
    const found = await this.letters.newest(await this.letters.ranges(filter.since, filter.until), isMeant, Infinity);
    if (found.length === 1) return found[0]!;
    if (found.length === 0) throw new HeadraceError('NOT_FOUND', `There is no dead letter of a record at ${origin}`);
    const letters = found.map(({ place, group, attempt }) => ({ place, group, attempt }));
    const listed = letters.map(({ place, group, attempt }) => `${place} (${group}, attempt ${attempt})`).join(', ');
    throw new HeadraceError('CONFLICT', `${found.length} dead letters are of ${origin}; name one: ${listed}`, {
      context: { letters },
    });
  }

  private isMeant(letter: Letter, filter: LetterFilter): boolean {
    return matches(letter, this.table.get(letter.place) ? 'redriven' : 'open', filter);
  }

  private marked(letter: Letter): MarkedLetter {
    return { letter, mark: this.table.get(letter.place) };
  }

  private get redriver(): Redriver {
    const { letters, table: states } = this;
    return (this.started ??= new Redriver({ ...this.parts, letters, states, specs: () => this.specs() }));
  }
  private started: Redriver | undefined;

  private specs(): Specs {
    const declared = [...(this.deployments?.entries() ?? [])];
    return new Map(declared.map(([name, { spec }]) => [name, JSON.parse(spec) as DeploymentSpec]));
  }

  private get table(): Table<DeadLetterRedriven> {
    if (this.marks) return this.marks;
    throw new HeadraceError('UNAVAILABLE', `Topic ${topics.deadLetterStates.name} is still being read`);
  }
}
