import { describe, expect, it } from '@jest/globals';
import type { Producer } from 'kafkajs';
import type { ProduceRequest } from './encode-events.js';
import { Publisher } from './publisher.js';

const request = (value: string): ProduceRequest => [{ topic: 't', messages: [{ value }] }];

/** As much of a broker and of kafkajs' idempotent producer as matters: sequence numbers, given back when an answer is lost. */
class Broker {
  readonly log: string[] = [];
  loseAnswers = 0;
  connected = 0;
  private producers = 0;
  private readonly written = new Set<string>();

  readonly create = (): Producer => {
    const id = ++this.producers;
    let sequence = 0;
    const sendBatch = async ({ topicMessages }: { topicMessages: ProduceRequest }): Promise<void> => {
      const own = sequence++;
      await new Promise((resolve) => setImmediate(resolve));
      const place = `${id}/${own}`;
      if (!this.written.has(place)) this.log.push(String(topicMessages[0]!.messages[0]!.value));
      this.written.add(place);
      if (this.loseAnswers-- <= 0) return;
      sequence = own;
      throw Object.assign(new Error('the answer is lost'), { retriable: true });
    };
    const connect = async () => void this.connected++;
    const disconnect = async () => void this.connected--;
    return { connect, disconnect, sendBatch } as unknown as Producer;
  };
}

describe('Publisher', () => {
  it('writes what follows a request whose answer was lost', async () => {
    const broker = new Broker();
    const publisher = new Publisher(broker.create);
    broker.loseAnswers = 1;
    const sent = ['a', 'b', 'c'].map((value) => publisher.send(request(value)));
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(broker.log).toEqual(['a', 'b', 'c']);
    await publisher.close();
    expect(broker.connected).toBe(0);
  });

  it('says that the same call may work later when kafkajs has only tried often enough', async () => {
    const create = () => {
      const cause = Object.assign(new Error('refused'), { retriable: true });
      const connect = () => Promise.reject(Object.assign(new Error('gave up', { cause }), { retriable: false }));
      return { connect, disconnect: async () => undefined } as unknown as Producer;
    };
    await expect(new Publisher(create).send(request('a'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retry: 'later',
    });
  });
});
