import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { BaseConfig, IdentityConfig } from '../config.js';
import { chooseIdentities } from './choose-identities.js';
import { Identities } from './identities.js';
import { IdentityGuard } from './identity.guard.js';

/** For a service's module: every HTTP call has a caller, and changes need one that is known. */
export function identityProviders(config: Pick<BaseConfig, 'HOST'> & IdentityConfig): Provider[] {
  return [
    { provide: Identities, useFactory: () => chooseIdentities(config) },
    { provide: APP_GUARD, useClass: IdentityGuard },
  ];
}
