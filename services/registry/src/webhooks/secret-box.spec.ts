import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.js';

describe('a secret', () => {
  it('comes back with its key, and looks different each time', () => {
    const box = new SecretBox(randomBytes(32));
    const [one, other] = [box.seal('geheim ✓'), box.seal('geheim ✓')];
    expect(one).not.toBe(other);
    expect([box.open(one), box.open(other)]).toEqual(['geheim ✓', 'geheim ✓']);
  });

  it('does not come back with another key, or changed', () => {
    const box = new SecretBox(randomBytes(32));
    const sealed = Buffer.from(box.seal('geheim'), 'base64');
    expect(() => new SecretBox(randomBytes(32)).open(sealed.toString('base64'))).toThrow();
    sealed[sealed.length - 1]! ^= 1;
    expect(() => box.open(sealed.toString('base64'))).toThrow();
  });

  it('is refused without a key', () => {
    expect(() => new SecretBox(undefined).seal('geheim')).toThrow(/WEBHOOK_SECRET_KEY/);
  });
});
