import { describe, expect, it } from '@jest/globals';
import { chooseIdentities } from './choose-identities.js';
import { readCredentials } from './credentials.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('credentials', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['Bearer abc.def', { kind: 'bearer', token: 'abc.def' }],
    [basic('ada:a:b'), { kind: 'basic', user: 'ada', password: 'a:b' }],
    [basic('ada:'), { kind: 'basic', user: 'ada', password: '' }],
    [basic('ada'), 'unreadable'],
    ['Digest x', 'unreadable'],
    ['Bearer ', 'unreadable'],
  ])('%j', (header, expected) => expect(readCredentials(header)).toEqual(expected));
});

describe('without a token file', () => {
  it.each(['127.0.0.1', 'localhost', '::1', '127.1.2.3'])('%s believes everybody', async (HOST) => {
    const identities = await chooseIdentities({ HOST, ANONYMOUS: 'loopback' });
    expect(identities.anonymous).toBe(true);
    expect(await identities.principalOf({ kind: 'basic', user: 'ada', password: '' })).toBe('ada');
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'registry', '127.0.0.1.example.org'])(
    '%s refuses to start, unless it is said that the network is closed',
    async (HOST) => {
      await expect(chooseIdentities({ HOST, ANONYMOUS: 'loopback' })).rejects.toThrow(/TOKENS_FILE/);
      expect((await chooseIdentities({ HOST, ANONYMOUS: 'allow' })).anonymous).toBe(true);
    },
  );
});
