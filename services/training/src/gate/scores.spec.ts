import { topics, type PredictionMade, type Topic } from '@headrace/contracts';
import { InMemoryEventLog } from '@headrace/event-log';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { world } from '../../test/flights.js';
import { Timelines } from '../dataset/timelines.js';
import { readLiveScores, readReplayScores } from './scores.js';

const { spec, deployment } = world('scores');
const window = { from: 100, to: 200 };
let log: InMemoryEventLog;

beforeEach(() => {
  log = new InMemoryEventLog();
});

function predict(topic: Topic<PredictionMade>, change: Partial<PredictionMade>): Promise<void> {
  const plain = {
    predictionId: 'p',
    recordId: 'r',
    deployment,
    model: 'm',
    version: 3,
    eventTime: 150,
    score: 0.5,
    outputs: [],
  };
  const value = { ...plain, ...change };
  return log.publish([{ topic, key: value.recordId, value }]);
}

describe('scores', () => {
  it('in production: of this deployment, version and window', async () => {
    await predict(topics.predictions, { recordId: 'a' });
    await predict(topics.predictions, { recordId: 'b', deployment: 'other' });
    await predict(topics.predictions, { recordId: 'c', version: 2 });
    await predict(topics.predictions, { recordId: 'd', eventTime: 99 });
    await predict(topics.predictions, { recordId: 'e', eventTime: 200 });
    await predict(topics.predictions, { recordId: 'f', score: null });
    const live = { deployment, spec, version: 3 };
    expect(await readLiveScores(log, new Timelines(log), live, window)).toEqual(new Map([['a', 0.5]]));
  });

  it('of a replay: of this replay only, the first of a record that was scored twice', async () => {
    await predict(topics.replays, { recordId: 'a', deployment: 'replay:j1', score: 0.1 });
    await predict(topics.replays, { recordId: 'a', deployment: 'replay:j1', score: 0.9 });
    await predict(topics.replays, { recordId: 'b', deployment: 'replay:j2' });
    await predict(topics.replays, { recordId: 'c' });
    const outputRanges = await log.offsets(topics.replays);
    const known = { replayId: 'j1', status: 'COMPLETED', model: 'm', version: 3, scored: 2 } as const;
    const replay = { ...known, outputTopic: topics.replays.name, outputRanges };
    expect(await readReplayScores(log, replay, window)).toEqual(new Map([['a', 0.1]]));
    expect(await readReplayScores(log, { ...replay, outputRanges: [] }, window)).toEqual(new Map());
  });
});
