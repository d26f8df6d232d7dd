import { describe, expect, it } from '@jest/globals';
import { baseConfig, databaseConfig, kafkaConfig, loadConfig } from './config.js';
import { HeadraceError } from './errors.js';

const shape = { ...baseConfig, ...kafkaConfig, ...databaseConfig };
const good = { PORT: '8104', KAFKA_BROKERS: 'a:9092, b:9093', DATABASE_URL: 'postgres://u@h/d' };

describe('loadConfig', () => {
  it('reads, converts and fills in defaults; nothing can be changed after', () => {
    const config = loadConfig(shape, { ...good, KAFKA_SSL: 'true' });
    expect(config).toMatchObject({
      PORT: 8104,
      HOST: '127.0.0.1',
      KAFKA_BROKERS: ['a:9092', 'b:9093'],
      KAFKA_SSL: true,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('lists all faults at once, each by its name', () => {
    const bad = { PORT: 'x', LOG_LEVEL: 'loud', KAFKA_BROKERS: 'nowhere', DATABASE_URL: 'http://h' };
    const fault = (() => {
      try {
        return loadConfig(shape, bad);
      } catch (error) {
        return error;
      }
    })() as HeadraceError;
    expect(fault.code).toBe('CONFIG_INVALID');
    for (const name of Object.keys(bad)) expect(fault.message).toContain(`  ${name}`);
  });

  it('does not guess what is missing', () => {
    expect(() => loadConfig(shape, { ...good, KAFKA_BROKERS: undefined })).toThrow(/KAFKA_BROKERS/);
  });
});
