import type { BaseConfig, IdentityConfig } from '../config.js';
import { HeadraceError } from '../errors.js';
import { Identities, UncheckedIdentities } from './identities.js';
import { TokenFileIdentities } from './token-file-identities.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/**
 * A token file when one is named; else everybody is believed, which is for loopback alone unless somebody has said that the network in front is closed.
 * @throws HeadraceError CONFIG_INVALID for an address that others reach without either
 */
export async function chooseIdentities(config: Pick<BaseConfig, 'HOST'> & IdentityConfig): Promise<Identities> {
  if (config.TOKENS_FILE !== undefined) return TokenFileIdentities.read(config.TOKENS_FILE);
  if (LOOPBACK.test(config.HOST) || config.ANONYMOUS === 'allow') return new UncheckedIdentities();
  throw new HeadraceError(
    'CONFIG_INVALID',
    `HOST ${config.HOST} is reached from elsewhere, and anybody could change what it holds: set TOKENS_FILE, or ANONYMOUS=allow where the network is closed`,
  );
}
