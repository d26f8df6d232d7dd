import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeGateway, on } from '../test/fake-gateway.js';
import { deadLettersCommand } from './dead-letters-command.js';
import { explainError } from './explain-error.js';
import { GatewayClient } from './gateway/gateway-client.js';

const gateway = new FakeGateway();
const LETTERS = '/api/headrace/v1/dead-letters';
const NOW = 1e12;
let url = '';

const letter = {
  place: 'headrace.dead-letters/0@7',
  origin: 'payments/1@4',
  state: 'open',
  at: NOW - 5000,
  code: 'WRONG_TYPE',
  message: `feature 'x' must be a number or boolean, found text "one and a half"`,
  group: 'headrace.streaming.risk',
  deployment: 'risk',
  model: 'risk',
  modelVersion: '3',
  attempt: 1,
  bytes: 7,
  redriven: null,
};
const full = (more: object) => ({ ...letter, key: 'k', headers: { own: '1' }, holdsValue: true, ...more });
const base64 = (...bytes: Array<number | string>) =>
  Buffer.concat(bytes.map((each) => (typeof each === 'string' ? Buffer.from(each) : Buffer.from([each])))).toString(
    'base64',
  );
const wentBack = {
  letter: letter.place,
  origin: letter.origin,
  group: letter.group,
  topic: 'payments',
  partition: 1,
  attempt: 2,
};

/** What it printed; rejects with what it would say of a failure. */
async function run(...words: string[]): Promise<string> {
  const output: string[] = [];
  const command = deadLettersCommand({
    gateway: () => new GatewayClient(url),
    out: (text) => output.push(text),
    outBytes: (bytes) => output.push(bytes.toString('hex')),
    now: () => NOW,
  });
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput(quiet);
  try {
    await command.parseAsync(words, { from: 'user' });
  } catch (error) {
    throw new Error([...output, explainError(error)].join('\n'));
  }
  return output.join('\n');
}
const bodies = () =>
  gateway.calls.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body.toString()) as object);

beforeAll(async () => {
  url = await gateway.start();
});
beforeEach(() => gateway.answerWith());
afterAll(() => gateway.stop());

describe('headrace dlq ls', () => {
  it('asks for what is meant and prints a table', async () => {
    gateway.answerWith(on('GET', LETTERS, { body: { deadLetters: [letter] } }));
    const printed = await run('ls', '--deployment', 'risk', '--since', '2h', '--state', 'open', '--limit', '5');
    expect(printed.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['PLACE', 'STATE', 'AGE', 'CODE', 'ATTEMPT', 'OF', 'REJECTED BY', 'MESSAGE'],
      [letter.place, 'open', '5s', 'WRONG_TYPE', '1', letter.origin, 'risk', `${letter.message.slice(0, 59)}…`],
    ]);
    expect(gateway.calls[0]!.path).toBe(`${LETTERS}?deployment=risk&since=${NOW - 7_200_000}&state=open&limit=5`);
    expect(JSON.parse(await run('ls', '--json'))).toEqual([letter]);
  });

  it('says that there are none, and refuses what is no time, number or state', async () => {
    gateway.answerWith(on('GET', LETTERS, { body: { deadLetters: [] } }));
    expect(await run('ls')).toBe('no dead letters');
    for (const wrong of [
      ['--since', 'yesterday'],
      ['--limit', '0'],
      ['--state', 'lost'],
    ])
      await expect(run('ls', ...wrong)).rejects.toThrow(/expected|Allowed/);
  });
});

describe('headrace dlq show', () => {
  const show = async (value: string | null, more: object = {}) => {
    const schema = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'x', type: 'int' }] });
    gateway.answerWith(
      on('GET', `${LETTERS}/${encodeURIComponent(letter.origin)}`, { body: full({ value, ...more }) }),
      on('GET', '/schemas/ids/9', { body: { schema } }),
    );
    return run('show', letter.origin);
  };

  it('tells why and which record', async () => {
    const printed = await show(base64('{"x":1}'));
    for (const line of [
      /^letter +headrace.dead-letters\/0@7$/m,
      /^state +open$/m,
      /^model +risk version 3$/m,
      /^ {2}own: 1$/m,
    ])
      expect(printed).toMatch(line);
  });

  it.each([
    ['JSON in lines', base64('{"x":1}'), '{\n    "x": 1\n  }'],
    ['Avro by its schema', base64(0, 0, 0, 0, 9, 2), '{\n    "x": 1\n  }'],
    ['hex where the schema is unknown', base64(0, 0, 0, 0, 8, 2), '000000000802'],
    ['hex where the bytes are no such Avro', base64(0, 0, 0, 0, 9), '0000000009'],
    ['hex of anything else', base64(0xff, 'x'), 'ff78'],
    ['hex of text that is no JSON', base64('no'), '6e6f'],
  ])('shows %s', async (_, value, text) => {
    expect((await show(value)).split('value\n')[1]!.trim()).toBe(text);
  });

  it('says of a value that it is none, or elsewhere', async () => {
    expect(await show(null)).toMatch(/none, a tombstone/);
    expect(await show(null, { holdsValue: false, bytes: 2e6 })).toMatch(
      /2000000 bytes, too many for the letter; --raw/,
    );
  });

  it('says why not, as the service does', async () => {
    const path = `${LETTERS}/${encodeURIComponent('t/0@1')}`;
    gateway.answerWith(
      on('GET', path, {
        status: 404,
        body: { title: 'NOT_FOUND', detail: 'There is no dead letter of a record at t/0@1' },
      }),
    );
    await expect(run('show', 't/0@1')).rejects.toThrow('There is no dead letter of a record at t/0@1 (404');
  });
});

describe('headrace dlq redrive', () => {
  const answer = (more: object) => ({ redriven: [], refused: [], remaining: [], ...more });

  it('sends the letters that are named', async () => {
    gateway.answerWith(on('POST', `${LETTERS}/redrive`, { body: answer({ redriven: [wentBack] }) }));
    expect(await run('redrive', letter.origin)).toBe(
      `${letter.place}: payments/1@4 went back to payments/1 for headrace.streaming.risk, attempt 2\n1 redriven`,
    );
    expect(bodies()).toEqual([{ letters: [letter.origin], dryRun: false, again: false }]);
  });

  it('goes on until a filter is looked through', async () => {
    const rest = [{ topic: 'headrace.dead-letters', partition: 0, from: 8, to: 9 }];
    const answers = [answer({ redriven: [wentBack], remaining: rest }), answer({ redriven: [wentBack] })];
    gateway.answerWith(on('POST', `${LETTERS}/redrive`, () => ({ body: answers.shift() })));
    expect(await run('redrive', '--code', 'WRONG_TYPE', '--dry-run')).toMatch(
      /would go back[^]*2 would be redriven \(dry run\)$/,
    );
    const request = { filter: { code: 'WRONG_TYPE' }, dryRun: true, again: false };
    expect(bodies()).toEqual([request, { ...request, ranges: rest }]);
  });

  it('fails when a letter stays, and says which and why', async () => {
    const refused = [{ letter: letter.place, code: 'ALREADY_REDRIVEN', message: 'it was' }];
    gateway.answerWith(on('POST', `${LETTERS}/redrive`, { body: answer({ refused }) }));
    await expect(run('redrive', '--all', '--again')).rejects.toThrow(
      `${letter.place}: stays, ALREADY_REDRIVEN: it was\n0 redriven, 1 stay\none dead letter was not redriven`,
    );
  });

  it('redrives everything only when that is said', async () => {
    await expect(run('redrive')).rejects.toThrow('or --all');
    await expect(run('redrive', 't/0@1', '--code', 'X')).rejects.toThrow('not both');
    expect(gateway.calls).toEqual([]);
  });
});
