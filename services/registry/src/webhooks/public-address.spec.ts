import { describe, expect, it } from '@jest/globals';
import { isPublicAddress } from './public-address.js';
import { signatureOf } from './signature.js';

describe('an address', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1', '172.32.0.1', '100.128.0.1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::127.0.0.1',
    'localhost',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('a signature', () => {
  // Python: base64.b64encode(hmac.new(b'test-secret-key', b'id.1700000000.{"a":1}', hashlib.sha256).digest())
  it("is MLflow's", () => {
    expect(signatureOf('test-secret-key', 'id', '1700000000', '{"a":1}')).toBe(
      'v1,lIzpkmef1Fu3qs17AehT9hq6VjBe4aJAh6Mm8K2VL9c=',
    );
  });
});
