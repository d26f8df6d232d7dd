import { describe } from '@jest/globals';
import { eventLogContract } from '../test/event-log.contract.js';
import { InMemoryEventLog } from './in-memory-event-log.js';

describe('InMemoryEventLog', () => {
  const eventLog = new InMemoryEventLog();
  eventLogContract({
    eventLog: () => eventLog,
    produce: async (topic, records) => {
      for (const record of records) await eventLog.produce(topic, record);
    },
  });
});
