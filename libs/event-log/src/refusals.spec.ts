import { describe, expect, it } from '@jest/globals';
import { refusalOf } from './refusals.js';

const failed = (fields: object, message = 'said the broker') => Object.assign(new Error(message), fields);

describe('what a broker refuses', () => {
  it.each([
    [{ type: 'TOPIC_AUTHORIZATION_FAILED' }, 'FORBIDDEN', 'Write to produce'],
    [{ apiId: 'GROUP_AUTHORIZATION_FAILED' }, 'FORBIDDEN', 'consumer group'],
    [{ name: 'KafkaJSSASLAuthenticationError' }, 'CONFIG_INVALID', 'KAFKA_SASL_PASSWORD'],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'CONFIG_INVALID', 'KAFKA_SSL_CA_FILE'],
    [{ code: 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE' }, 'CONFIG_INVALID', 'KAFKA_SSL_CERT_FILE'],
    [{ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }, 'CONFIG_INVALID', 'KAFKA_SSL_CERT_FILE'],
  ])('%j is %s and says what to do', (fields, code, advice) => {
    const refusal = refusalOf('topic t', failed(fields));
    expect(refusal).toMatchObject({ code, retry: 'never' });
    expect(refusal!.message).toMatch(/^topic t: said the broker\. /);
    expect(refusal!.message).toContain(advice);
  });

  it('is found below the errors that a client wraps it in', () => {
    const cause = failed({ type: 'GROUP_AUTHORIZATION_FAILED' }, 'deep');
    const wrapped = failed({ name: 'KafkaJSNumberOfRetriesExceeded', cause });
    expect(refusalOf('group g', wrapped)?.message).toContain('group g: deep');
    const parts = failed({ errors: [failed({ type: 'NOT_LEADER_FOR_PARTITION' }), wrapped] });
    expect(refusalOf('group g', parts)?.code).toBe('FORBIDDEN');
  });

  it('may be what kafkajs hides: then it is tried again, and the message names both', () => {
    const hidden = refusalOf('group g', failed({ name: 'KafkaJSGroupCoordinatorNotFound' }));
    expect(hidden).toMatchObject({ code: 'UNAVAILABLE', retry: 'later' });
    expect(hidden!.message).toMatch(/still starting.* ACL Read on the consumer group/);
  });

  it('is nothing that may pass: a lost connection, a coordinator that moves, a handshake that was cut', () => {
    for (const fields of [{ code: 'ECONNREFUSED' }, { type: 'NOT_COORDINATOR_FOR_GROUP' }, { code: 'ECONNRESET' }])
      expect(refusalOf('Kafka', failed(fields))).toBeUndefined();
    expect(refusalOf('Kafka', 'no error')).toBeUndefined();
  });
});
