import { invalidParameter } from '@headrace/mlflow-protocol';
import { messageOf } from '@headrace/service-kit';
import { lookup as resolve } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.js';

export interface TargetRules {
  readonly schemes: readonly string[];
  /** Whether addresses that are not public may be called. */
  readonly privateAddresses: boolean;
}

/** @throws MlflowError INVALID_PARAMETER_VALUE for an address that may not be called */
export async function checkTarget(url: string, rules: TargetRules): Promise<void> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol.slice(0, -1) ?? '';
  if (!parsed || !rules.schemes.includes(scheme)) {
    throw invalidParameter(
      `Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: ${rules.schemes.join(', ')}.`,
    );
  }
  if (parsed.hostname === '') throw invalidParameter(`Webhook URL must include a hostname: '${url}'`);
  if (!rules.privateAddresses) await checkHost(parsed.hostname);
}

async function checkHost(hostname: string): Promise<void> {
  const name = hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(name, { all: true }).catch((cause: unknown) => {
    throw invalidParameter(`Cannot resolve Webhook URL hostname '${name}': ${messageOf(cause)}`);
  });
  const inside = found.find(({ address }) => !isPublicAddress(address));
  if (inside)
    throw invalidParameter(
      `Webhook URL must not resolve to a non-public IP address. '${name}' resolves to ${inside.address}.`,
    );
}

/** What a socket asks for addresses with: the address that was judged is the one that is connected to, whatever the name resolves to a moment later. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const inside = addresses?.find(({ address }) => !isPublicAddress(address));
    const refused = inside && new Error(`'${hostname}' resolves to ${inside.address}, which is not public`);
    if (error ?? refused) return callback((error ?? refused)!, []);
    if (options.all === true) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};
