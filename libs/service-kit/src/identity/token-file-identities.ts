import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { HeadraceError, messageOf } from '../errors.js';
import type { Credentials } from './credentials.js';
import { Identities } from './identities.js';

const file = z.strictObject({
  principals: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\x21-\x7e]{1,100}$/, 'expected 1 to 100 printable characters without spaces'),
        /** Of the token: `printf %s "$TOKEN" | sha256sum`. */
        tokenSha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
      }),
    )
    .min(1),
});

/**
 * Principals of a YAML file: a name and the SHA-256 of its token, which comes as a Bearer token or as the password of Basic credentials. Tokens are
 * random and long, so a plain hash keeps them; passwords that people choose do not belong here.
 */
export class TokenFileIdentities extends Identities {
  readonly anonymous = false;

  private constructor(private readonly principals: ReadonlyArray<{ name: string; digest: Buffer }>) {
    super();
  }

  /** @throws HeadraceError CONFIG_INVALID when the file cannot be read or is not of that form */
  static async read(path: string): Promise<TokenFileIdentities> {
    try {
      const { principals } = file.parse(parse(await readFile(path, 'utf8')));
      return new TokenFileIdentities(
        principals.map(({ name, tokenSha256 }) => ({ name, digest: Buffer.from(tokenSha256, 'hex') })),
      );
    } catch (cause) {
      throw new HeadraceError('CONFIG_INVALID', `TOKENS_FILE ${path}: ${messageOf(cause)}`, { cause });
    }
  }

  async principalOf(credentials: Credentials): Promise<string | undefined> {
    const token = credentials.kind === 'bearer' ? credentials.token : credentials.password;
    const digest = createHash('sha256').update(token).digest();
    const found = this.principals.filter((each) => timingSafeEqual(each.digest, digest));
    if (credentials.kind === 'bearer') return found[0]?.name;
    return found.find(({ name }) => name === credentials.user)?.name;
  }
}
