import { afterAll, describe, expect, it } from '@jest/globals';
import { kafkaConfig, loadConfig } from '@headrace/service-kit';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaLogin } from './kafka-login.js';

const login = (env: Record<string, string>) => kafkaLogin(loadConfig(kafkaConfig, { KAFKA_BROKERS: 'k:9092', ...env }));

describe('the login to Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'login-'));
  const file = (name: string) => {
    writeFileSync(join(folder, name), name);
    return join(folder, name);
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is none unless settings say so', () => {
    expect(login({})).toEqual({});
    expect(login({ KAFKA_SSL: 'false', KAFKA_SSL_CA_FILE: '' })).toEqual({});
  });

  it('is the contents of the files, and the name and password', () => {
    const tls = { KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: file('ca'), KAFKA_SSL_CERT_FILE: file('cert') };
    const sasl = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' };
    expect(login({ ...tls, KAFKA_SSL_KEY_FILE: file('key'), ...sasl })).toEqual({
      tls: { ca: ['ca'], cert: 'cert', key: 'key' },
      sasl: { mechanism: 'plain', username: 'u', password: 'p' },
    });
    expect(login({ KAFKA_SSL: 'true' })).toEqual({ tls: {} });
  });

  it('lists every setting that is missing, unreadable, or would do nothing', () => {
    const faults = (env: Record<string, string>) => {
      try {
        login(env);
      } catch (error) {
        return (error as Error).message
          .split('\n')
          .slice(1)
          .map((line) => line.trim().split(':')[0]);
      }
      return [];
    };
    expect(faults({ KAFKA_SSL_CA_FILE: 'ca.pem', KAFKA_SASL_USERNAME: 'u' })).toEqual([
      'KAFKA_SSL_CA_FILE',
      'KAFKA_SASL_USERNAME',
    ]);
    expect(faults({ KAFKA_SSL: 'true', KAFKA_SSL_CERT_FILE: join(folder, 'nowhere') })).toEqual([
      'KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE',
      'KAFKA_SSL_CERT_FILE',
    ]);
    expect(faults({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' })).toEqual(['KAFKA_SASL_PASSWORD']);
  });
});
