/** What MLflow's clients send: MLFLOW_TRACKING_USERNAME with _PASSWORD, or MLFLOW_TRACKING_TOKEN. */
export type Credentials =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** @returns undefined without credentials, and 'unreadable' for a header that is neither Basic nor Bearer (RFC 7617, RFC 6750) */
export function readCredentials(header: string | undefined): Credentials | 'unreadable' | undefined {
  if (header === undefined || header === '') return undefined;
  const bearer = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(header)?.[1];
  if (bearer !== undefined) return { kind: 'bearer', token: bearer };
  const encoded = /^Basic +([A-Za-z0-9+/=]{1,4096})$/i.exec(header)?.[1];
  const decoded = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded?.indexOf(':') ?? -1;
  if (decoded === undefined || colon < 0) return 'unreadable';
  return { kind: 'basic', user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
