import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeGateway, on, type Answer } from '../test/fake-gateway.js';
import { getText } from './commands/get.js';
import { explainError } from './explain-error.js';
import { GatewayClient } from './gateway/gateway-client.js';
import { replayCommand } from './replay-command.js';

const gateway = new FakeGateway();
const REPLAYS = '/api/headrace/v1/replays';
let url = '';
let interrupting: AbortController;

const range = { topic: 'in', partition: 0, from: 100, to: 300 };
const started = (id = 'one') => ({ status: 202, body: { replayId: id, ranges: [range] } });
const replay = (more: object = {}) => ({
  replayId: 'one',
  status: 'RUNNING',
  reason: null,
  deployment: 'risk',
  model: 'risk',
  version: 2,
  outputTopic: 'headrace.replays',
  requestedAt: 1e12 - 5000,
  scored: null,
  progress: [{ ...range, committed: 100 }],
  ...more,
});
const at = (committed: number) => ({ body: replay({ progress: [{ ...range, committed }] }) });
const completed = { body: replay({ status: 'COMPLETED', scored: 199 }) };
const words = ['risk', '--model', 'risk@2', '--from', 'earliest', '--to', '2026-01-01', '--id', 'one'];

async function run(...given: string[]): Promise<string> {
  const output: string[] = [];
  const command = replayCommand({
    gateway: () => new GatewayClient(url),
    out: (text) => output.push(text),
    interrupted: () => interrupting.signal,
    pollMs: 1,
  });
  for (const each of [command, ...command.commands])
    each.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  try {
    await command.parseAsync(given, { from: 'user' });
  } catch (error) {
    throw new Error([...output, explainError(error)].join('\n'));
  }
  return output.join('\n');
}
/** One answer after the other; the last for ever. */
const inTurn = (...answers: Answer[]) =>
  on('GET', `${REPLAYS}/one`, () => (answers.length > 1 ? answers.shift()! : answers[0]!));
const asked = () =>
  gateway.calls.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body.toString()) as object);

beforeAll(async () => {
  url = await gateway.start();
});
beforeEach(() => {
  gateway.answerWith();
  interrupting = new AbortController();
});
afterAll(() => gateway.stop());

describe('headrace replay', () => {
  it('asks, shows each step, and tells where the predictions are', async () => {
    const steps = [at(100), at(100), { status: 503 }, at(200), completed];
    gateway.answerWith(on('POST', REPLAYS, started()), inTurn(...steps));
    expect((await run(...words, '--rate', '2.5')).split('\n')).toEqual([
      'replay one: 200 offsets of risk with risk version 2',
      '0 of 200 offsets (0 %)',
      '100 of 200 offsets (50 %)',
      'replay one completed: 199 predictions of deployment replay:one in headrace.replays',
    ]);
    const request = {
      replayId: 'one',
      deployment: 'risk',
      model: 'risk',
      version: 2,
      from: 'earliest',
      to: '2026-01-01',
    };
    expect(asked()).toEqual([{ ...request, outputTopic: 'headrace.replays', recordsPerSecond: 2.5 }]);
  });

  it('asks the registry what an alias names', async () => {
    gateway.answerWith(
      on('GET', '/api/2.0/mlflow/registered-models/alias', { body: { model_version: { version: '7' } } }),
      on('POST', REPLAYS, started()),
    );
    await run('risk', '--model', 'a/b@candidate', '--from', '0', '--to', 'latest', '--out', 'mine', '--detach');
    expect(gateway.calls[0]!.path).toMatch(/name=a%2Fb&alias=candidate$/);
    expect(asked()).toMatchObject([{ model: 'a/b', version: 7, outputTopic: 'mine' }]);
    expect(asked()[0]).toHaveProperty('replayId', expect.stringMatching(/^[0-9a-f-]{36}$/));
    expect(asked()[0]).not.toHaveProperty('recordsPerSecond');
  });

  it('returns at once when it is detached', async () => {
    gateway.answerWith(on('POST', REPLAYS, started()));
    expect(await run(...words, '--detach')).toMatch(/^replay one: .*\nto look: headrace get replays one$/);
    expect(JSON.parse(await run(...words, '--detach', '--json'))).toEqual(started().body);
  });

  it('prints nothing but the document', async () => {
    gateway.answerWith(on('POST', REPLAYS, started()), inTurn(at(150), completed));
    expect(JSON.parse(await run(...words, '--json'))).toEqual(completed.body);
  });

  it('fails when the replay does, and says why', async () => {
    const failed = { body: replay({ status: 'FAILED', reason: 'risk@2 is quarantined' }) };
    gateway.answerWith(on('POST', REPLAYS, started()), inTurn(failed));
    await expect(run(...words)).rejects.toThrow('replay one failed: risk@2 is quarantined');
    await expect(run(...words, '--json')).rejects.toThrow(/"FAILED"[^]*replay one failed/);
  });

  it('fails when somebody cancels it, and says what there is', async () => {
    const cancelled = { body: replay({ status: 'CANCELLED', scored: 7, reason: 'cancelled by api' }) };
    gateway.answerWith(on('POST', REPLAYS, started()), inTurn(at(150), cancelled));
    await expect(run(...words)).rejects.toThrow(/replay one is cancelled: 7 predictions/);
  });

  it('cancels one, waits for its end, and tells what there is', async () => {
    const cancelled = { body: replay({ status: 'CANCELLED', scored: 7, reason: 'cancelled by api' }) };
    gateway.answerWith(
      on('POST', `${REPLAYS}/one/cancel`, { status: 202, body: replay() }),
      inTurn(at(150), cancelled),
    );
    expect(await run('cancel', 'one')).toBe(
      'replay one is cancelled: 7 predictions of deployment replay:one are in headrace.replays',
    );
  });

  it('says why one that is over cannot be cancelled', async () => {
    const detail = 'Replay one cannot be cancelled, as it is completed';
    gateway.answerWith(on('POST', `${REPLAYS}/one/cancel`, { status: 409, body: { title: 'CONFLICT', detail } }));
    await expect(run('cancel', 'one')).rejects.toThrow(detail);
  });

  it('leaves the replay running at Ctrl-C, and says how to look again', async () => {
    gateway.answerWith(
      on('POST', REPLAYS, started()),
      on('GET', `${REPLAYS}/one`, () => {
        interrupting.abort();
        return at(200);
      }),
    );
    await expect(run(...words)).rejects.toThrow('the replay goes on; to look again: headrace get replays one');
    expect(gateway.calls.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('names the id when it is not known whether it was asked for', async () => {
    gateway.answerWith(on('POST', REPLAYS, { status: 502, body: { detail: 'streaming does not answer' } }));
    await expect(run(...words)).rejects.toThrow(/streaming does not answer[^]*the same command with --id one/);
    const detail = 'There are no records of in in this range';
    gateway.answerWith(on('POST', REPLAYS, { status: 400, body: { title: 'INPUT_INVALID', detail } }));
    await expect(run(...words)).rejects.toThrow(/^There are no records of in in this range \(400/);
  });

  it.each([
    ['risk', /is no version/],
    ['@2', /is no version/],
    ['risk@', /is no version/],
  ])('refuses %s as a version', async (model, message) => {
    await expect(run('risk', '--model', model, '--from', '0', '--to', 'latest')).rejects.toThrow(message);
    expect(gateway.calls).toEqual([]);
  });

  it.each(['0', '-1', 'fast', ''])('refuses %p as a rate', async (rate) => {
    await expect(run(...words, '--rate', rate)).rejects.toThrow('expected a number above 0');
  });
});

describe('headrace get replays', () => {
  it('lists them, and shows how far one is', async () => {
    const listed = { ...replay({ status: 'COMPLETED', scored: 199 }), progress: undefined };
    gateway.answerWith(on('GET', REPLAYS, { body: { replays: [listed] } }), inTurn(at(150)));
    const rows = async (name?: string) =>
      (await getText(new GatewayClient(url), 'replays', name, 'table', 1e12))
        .split('\n')
        .map((line) => line.split(/ {2,}/));
    expect((await rows())[1]).toEqual([
      'one',
      'completed',
      '-',
      'risk',
      'risk v2',
      'headrace.replays',
      '199',
      '5s',
      '-',
    ]);
    expect((await rows('one'))[1]!.slice(0, 3)).toEqual(['one', 'running', '25 %']);
  });
});
