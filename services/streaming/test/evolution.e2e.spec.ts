import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeploymentSpec } from '@headrace/contracts';
import { needing, testCluster, waitFor } from '@headrace/dev';
import { ConfluentSchemaRegistry, schemaGuid, VALUE_SCHEMA_ID_HEADER } from '@headrace/event-log';
import avro from 'avsc';
import { writeWithPython } from './foreign-producers.js';
import { StreamingFixture, type Service } from './streaming-fixture.js';

const ROWS = 20;
const double = (name: string, more = {}) => ({ name, type: 'double', ...more });
const schemaOf = (fields: object[]) => ({ type: 'record', name: 'Flight', namespace: 'user', fields });

/** x: int, long, double. y: made nullable. Reordered. weight: added with a default. old: renamed. gone: removed. */
const GENERATIONS = [
  schemaOf([{ name: 'id', type: 'string' }, { name: 'x', type: 'int' }, double('y'), double('old'), double('gone')]),
  schemaOf([
    { name: 'y', type: ['null', 'double'] },
    double('weight', { default: 0.25 }),
    { name: 'x', type: 'long' },
    double('gone'),
    double('old'),
    { name: 'id', type: 'string' },
  ]),
  schemaOf([
    double('weight', { default: 0.5 }),
    double('renamed', { aliases: ['old'] }),
    double('x'),
    { name: 'id', type: 'string' },
    { name: 'y', type: ['null', 'double'] },
  ]),
];

/** What row n of a generation says, in the terms of the latest schema; weight's default is the latest schema's. */
function factsOf(generation: number, n: number) {
  return {
    id: `g${generation + 1}-${n}`,
    x: n - 5,
    y: n / 4,
    weight: generation === 0 ? 0.5 : n / 8,
    renamed: 100 + generation * 10 + n,
    gone: generation === 2 ? -1 : n / 2,
  };
}
type Facts = ReturnType<typeof factsOf>;

const allFacts = (generations = 3): Facts[] =>
  Array.from({ length: generations * ROWS }, (_, at) => factsOf(Math.floor(at / ROWS), at % ROWS));

/** Predictions, once there are so many: offsets can be seen as committed a moment before the outputs of the same transaction. */
function visible(deployment: StreamingFixture, count: number) {
  const all = async () => {
    const predictions = await deployment.predictions();
    return predictions.length >= count ? predictions : undefined;
  };
  return waitFor(all, { what: `${count} predictions` });
}

/** Another deployment, with a group of its own, on the topic of the first. */
class Deployment extends StreamingFixture {
  constructor(
    private readonly mapping: Pick<DeploymentSpec['input'], 'features' | 'defaults' | 'subject'>,
    on?: StreamingFixture,
  ) {
    super();
    if (on) Object.assign(this, { input: on.input });
  }

  override spec(): DeploymentSpec {
    const spec = super.spec();
    return { ...spec, input: { ...spec.input, ...this.mapping } };
  }
}

describe('three generations of a schema in one topic', () => {
  const registry = new ConfluentSchemaRegistry(testCluster.schemaRegistryUrl);
  const opened: StreamingFixture[] = [];
  let live: Deployment;
  let worker: Service;

  async function deploy(mapping: ConstructorParameters<typeof Deployment>[0]): Promise<Deployment> {
    const deployment = await new Deployment(mapping, live).open();
    opened.push(deployment);
    await deployment.deploy(1);
    return deployment;
  }

  /** Generation 1 names its schema by id, 2 by GUID, 3 by GUID in a header. */
  async function write(generation: number): Promise<void> {
    const text = JSON.stringify(GENERATIONS[generation]);
    const id = await registry.idOf(`${live.input}-value`, text);
    const type = avro.Type.forSchema(GENERATIONS[generation] as avro.Schema, { wrapUnions: 'auto' });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(id, 1);
    const guid = Buffer.from(`01${schemaGuid(await registry.schemaOf(id)).replaceAll('-', '')}`, 'hex');
    const framing = [prefix, guid, Buffer.alloc(0)][generation]!;
    const messages = Array.from({ length: ROWS }, (_, n) => {
      const facts = factsOf(generation, n);
      const value = Buffer.concat([framing, type.toBuffer({ ...facts, old: facts.renamed })]);
      return { partition: n % 3, value, ...(generation === 2 ? { headers: { [VALUE_SCHEMA_ID_HEADER]: guid } } : {}) };
    });
    await live.producer.send({ topic: live.input, messages });
  }

  async function expectScored(deployment: Deployment, features: ReadonlyArray<keyof Facts>, facts: Facts[]) {
    await deployment.settled();
    const predictions = await visible(deployment, facts.length);
    const found = new Map(predictions.map(({ value }) => [value.recordId, value]));
    expect(found.size).toBe(facts.length);
    for (const fact of facts) {
      const [first, second] = features.map((name) => Number(fact[name])) as [number, number];
      const { features: seen, score } = found.get(fact.id)!;
      expect({ id: fact.id, seen }).toEqual({ id: fact.id, seen: [first, second] });
      expect(score).toBeCloseTo(1 / (1 + Math.exp(-(first - 2 * second + 0.5))), 5);
    }
    expect(predictions).toHaveLength(facts.length);
  }

  beforeAll(async () => {
    live = await new Deployment({ features: ['x', 'y'] }).open();
    opened.push(live);
    await live.deploy(1);
    worker = await live.startWorker();
  }, 120_000);

  afterAll(async () => {
    await worker?.stop();
    await Promise.all(opened.map((each) => each.close()));
  }, 60_000);

  it('a deployment that runs all the while scores each as it comes', async () => {
    for (let generation = 0; generation < 3; generation++) {
      await write(generation);
      await expectScored(live, ['x', 'y'], allFacts(generation + 1));
    }
    expect(await live.deadLetters()).toEqual([]);
  });

  it.each<[string, [keyof Facts, keyof Facts]]>([
    ['widened and made nullable', ['x', 'y']],
    ['added with a default, and renamed', ['weight', 'renamed']],
  ])('a fresh deployment replays the topic from its start: %s', async (_, features) => {
    const fresh = await deploy({ features });
    await expectScored(fresh, features, allFacts());
    expect(await fresh.deadLetters()).toEqual([]);
  });

  it('a field that was removed is what the older records say, and else what the deployment says', async () => {
    const fresh = await deploy({ features: ['gone', 'x'], defaults: { gone: -1 } });
    await expectScored(fresh, ['gone', 'x'], allFacts());
  });

  it('without such a default, records of the newest generation miss it, and only they', async () => {
    const fresh = await deploy({ features: ['gone', 'x'] });
    await expectScored(fresh, ['gone', 'x'], allFacts(2));
    const letters = await waitFor(
      async () => {
        const found = await fresh.deadLetters();
        return found.length >= ROWS ? found : undefined;
      },
      { what: 'the dead letters' },
    );
    expect(letters.map(({ headers }) => headers['dlq_code']?.toString())).toEqual(Array(ROWS).fill('MISSING_FEATURE'));
  });

  it('under a subject that nobody registered, each record is what its own schema says', async () => {
    const fresh = await deploy({ features: ['weight', 'x'], subject: 'nobody', defaults: { weight: 7 } });
    const facts = allFacts().map((fact) => (fact.id.startsWith('g1-') ? { ...fact, weight: 7 } : fact));
    await expectScored(fresh, ['weight', 'x'], facts);
  });

  describe('an incompatible schema is refused when its producer registers it', () => {
    const incompatible = schemaOf([...GENERATIONS[2]!.fields, double('mandatory')]);

    it('with 409 and the reason', async () => {
      const url = `${testCluster.schemaRegistryUrl}/subjects/${live.input}-value/versions`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema: JSON.stringify(incompatible) }),
      });
      expect({ status: response.status, body: await response.json() }).toEqual({
        status: 409,
        body: { error_code: 409, message: expect.stringContaining('mandatory') },
      });
    });

    needing(it, 'python')("and Python's serializer writes nothing", async () => {
      const before = await live.eventLog.offsets(live.input);
      const answer = await writeWithPython(live.input, [{ id: 'refused' }], { schema: incompatible });
      expect(answer.refused).toEqual({ status: 409, message: expect.stringContaining('mandatory') });
      expect(await live.eventLog.offsets(live.input)).toEqual(before);
    });
  });
});
