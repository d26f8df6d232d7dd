import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { needing, waitFor } from '@headrace/dev';
import { spawnSync } from 'node:child_process';
import { CODECS, producers, writeWithPython, type Codec, type Row } from './foreign-producers.js';
import { StreamingFixture, type Service } from './streaming-fixture.js';

const ROWS = 60;
const FLIGHT = {
  type: 'record',
  name: 'Row',
  fields: [{ name: 'id', type: 'string' }, ...['x', 'y'].map((name) => ({ name, type: 'double' }))],
};

const rowsOf = (prefix: string): Array<Row & { x: number; y: number }> =>
  Array.from({ length: ROWS }, (_, n) => ({ id: `${prefix}-${n}`, x: n / 8, y: (n % 7) / 4 }));
/** What logistic-v1 says, in single precision. */
const scoreOf = ({ x, y }: { x: number; y: number }) => 1 / (1 + Math.exp(-(x - 2 * y + 0.5)));

/** What librdkafka was built with. */
function kcatHas(codec: Codec): boolean {
  const { stdout } = spawnSync('kcat', ['-V'], { encoding: 'utf8', timeout: 10_000 });
  return codec === 'none' || (stdout ?? '').includes(codec);
}

describe('every record of a foreign producer is scored once', () => {
  let fixture: StreamingFixture;
  let worker: Service;

  beforeAll(async () => {
    fixture = await new StreamingFixture().open();
    await fixture.deploy(1);
    worker = await fixture.startWorker();
  }, 120_000);

  afterAll(async () => {
    await worker?.stop();
    await fixture?.close();
  }, 60_000);

  async function expectScored(rows: ReturnType<typeof rowsOf>): Promise<void> {
    await fixture.settled();
    const prefix = rows[0]!.id.replace(/\d+$/, '');
    // Offsets can be seen as committed a moment before the outputs of the same transaction.
    const found = await waitFor(
      async () => {
        const own = (await fixture.predictions()).filter(({ value }) => value.recordId.startsWith(prefix));
        return own.length >= rows.length ? own : undefined;
      },
      { what: `predictions of ${prefix}` },
    );
    expect(found.map(({ value }) => value.recordId).sort()).toEqual(rows.map(({ id }) => id).sort());
    const byId = new Map(found.map((each) => [each.value.recordId, each]));
    for (const row of rows) {
      const { key, value } = byId.get(row.id)!;
      expect({ key: key?.toString(), features: value.features }).toEqual({ key: row.id, features: [row.x, row.y] });
      expect(value.score).toBeCloseTo(scoreOf(row), 5);
    }
  }

  const cases = producers.flatMap((producer) => CODECS.map((codec) => ({ producer, codec })));
  for (const { producer, codec } of cases) {
    const can = producer.name !== 'kcat' || kcatHas(codec);
    const test = can
      ? needing(it, ...producer.needs)
      : (title: string) => it.skip(`${title} [needs a kcat with it]`, () => undefined);
    test(`${producer.name}, ${codec}`, async () => {
      const rows = rowsOf(`${producer.name}-${codec}`);
      await producer.write(fixture.input, rows, codec);
      await expectScored(rows);
    }, 120_000);
  }

  needing(it, 'python')("Python's AvroSerializer with the schema's GUID in a header", async () => {
    const rows = rowsOf('header');
    const options = { codec: 'lz4', schema: FLIGHT, header: true } as const;
    expect(await writeWithPython(fixture.input, rows, options)).toEqual({ undelivered: 0 });
    await expectScored(rows);
  });

  needing(it, 'python')("Python's JSON", async () => {
    const rows = rowsOf('python-json');
    expect(await writeWithPython(fixture.input, rows, {})).toEqual({ undelivered: 0 });
    await expectScored(rows);
  });

  it("Kafka Connect's JsonConverter, with its schema", async () => {
    const fields = ['id', 'x', 'y'].map((field) => ({
      field,
      type: field === 'id' ? 'string' : 'double',
      optional: false,
    }));
    const schema = { type: 'struct', fields, optional: false };
    const rows = rowsOf('connect');
    await fixture.produce(rows.map((payload) => ({ key: payload.id, value: JSON.stringify({ schema, payload }) })));
    await expectScored(rows);
  });

  it('none of them left a dead letter', async () => expect(await fixture.deadLetters()).toEqual([]));
});
