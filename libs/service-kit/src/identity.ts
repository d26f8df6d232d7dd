export { ANONYMOUS, By, type Caller } from './identity/caller.js';
export { chooseIdentities } from './identity/choose-identities.js';
export { Identities } from './identity/identities.js';
export { identityProviders } from './identity/identity-providers.js';
export { IdentityGuard, REASON_HEADER } from './identity/identity.guard.js';
