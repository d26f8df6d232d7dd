import type { Answer } from './account.js';
import type { StreamingFixture } from './streaming-fixture.js';

const KEYS = 40;
/** Small, so that a fault falls between many batches and not after one. */
const CHUNK = 20;
const PAUSE_MS = 5;
export const BAD_EVERY = 97;

/** Produces numbered records, every 97th without a feature, up to a limit that is raised as the test goes on. */
export class NumberedLoad {
  produced = 0;
  private limit = 0;
  private stopped = false;
  private readonly work: Promise<void>;

  constructor(private readonly fixture: StreamingFixture) {
    this.work = this.run();
  }

  /** So many more. */
  more(records: number): void {
    this.limit += records;
  }

  /** Resolves when nothing more will be produced. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  async predictions(): Promise<Answer[]> {
    return (await this.fixture.predictions()).map(({ key, value }) => answerOf(value.recordId, key!.toString()));
  }

  async letters(): Promise<Answer[]> {
    return (await this.fixture.deadLetters()).map(({ key, raw }) =>
      answerOf((JSON.parse(Buffer.from(raw!).toString()) as { id: string }).id, key!.toString()),
    );
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      if (this.produced < this.limit)
        await this.fixture.produce(Array.from({ length: CHUNK }, () => record(this.produced++)));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

function record(n: number) {
  const bad = n % BAD_EVERY === 0;
  return {
    key: `key-${n % KEYS}`,
    value: JSON.stringify({ id: `record-${n}`, x: n % 7, ...(bad ? {} : { y: n % 3 }) }),
  };
}

function answerOf(id: string, key: string): Answer {
  return { id, key, number: Number(id.slice('record-'.length)) };
}
