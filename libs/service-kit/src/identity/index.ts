export { ANONYMOUS, By, type Caller } from './caller.js';
export { chooseIdentities } from './choose-identities.js';
export { Identities } from './identities.js';
export { IdentityGuard, REASON_HEADER } from './identity.guard.js';
