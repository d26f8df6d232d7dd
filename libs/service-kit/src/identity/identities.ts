import type { Credentials } from './credentials.js';

/** Turns credentials into the principal they stand for. OIDC takes the place of the token file behind this port. */
export abstract class Identities {
  /** Whether changes may come without credentials. */
  abstract readonly anonymous: boolean;
  /** @returns the principal's name; undefined when the credentials are nobody's */
  abstract principalOf(credentials: Credentials): Promise<string | undefined>;
}

/** Believes everybody: names come from the user of Basic credentials, unchecked. For loopback alone. */
export class UncheckedIdentities extends Identities {
  readonly anonymous = true;

  async principalOf(credentials: Credentials): Promise<string | undefined> {
    if (credentials.kind === 'bearer') return 'anonymous';
    return /^[\x21-\x7e]{1,100}$/.test(credentials.user) ? credentials.user : 'anonymous';
  }
}
