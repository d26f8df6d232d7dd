import { describe, expect, it } from '@jest/globals';
import { neededPorts, portFaults } from './needed-ports.js';
import { readSettings } from './settings.js';

describe('neededPorts', () => {
  it('are those of the embedded servers and the services that are there', () => {
    const needed = neededPorts(readSettings({ HEADRACE_GATEWAY_PORT: '18080' }), ['gateway', 'drift']);
    expect(needed).toEqual([
      { port: 9092, setting: 'HEADRACE_KAFKA_PORT' },
      { port: 54329, setting: 'HEADRACE_POSTGRES_PORT' },
      { port: 18080, setting: 'HEADRACE_GATEWAY_PORT' },
      { port: 8105, setting: 'HEADRACE_DRIFT_PORT' },
    ]);
  });

  it('are none for a Kafka and PostgreSQL of your own', () => {
    const settings = readSettings({ KAFKA_BROKERS: 'kafka:9092', DATABASE_URL: 'postgres://db/headrace' });
    expect(neededPorts(settings, [])).toEqual([]);
  });
});

describe('portFaults', () => {
  it('name the setting of a busy port', () => {
    const faults = portFaults([{ port: 8080, setting: 'HEADRACE_GATEWAY_PORT' }], () => false);
    expect(faults).toEqual(['port 8080 is in use; set HEADRACE_GATEWAY_PORT=… to another one']);
  });

  it('name both settings of a port given twice', () => {
    const needed = ['HEADRACE_GATEWAY_PORT', 'HEADRACE_DRIFT_PORT'].map((setting) => ({ port: 8080, setting }));
    expect(portFaults(needed, () => true)).toEqual([
      'port 8080 is given to both HEADRACE_GATEWAY_PORT and HEADRACE_DRIFT_PORT',
    ]);
  });
});

describe('readSettings', () => {
  it('lists every fault at once', () => {
    const read = () => readSettings({ HEADRACE_DRIFT_PORT: 'x', DATABASE_URL: 'mysql://db/x' });
    expect(read).toThrow(/DATABASE_URL/);
    expect(read).toThrow(/HEADRACE_DRIFT_PORT/);
  });
});
