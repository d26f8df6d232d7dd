import type { Request } from 'express';

/**
 * Who asks, for decision records: the user of MLflow's Basic credentials, else anonymous. The password is not checked, so this names and does not authenticate:
 * an identity port takes this function's place.
 */
export function callerOf(request: Request): string {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.get('authorization') ?? '')?.[1];
  const user = encoded && Buffer.from(encoded, 'base64').toString('utf8').split(':')[0];
  return user && /^[\x21-\x7e]{1,100}$/.test(user) ? user : 'anonymous';
}
