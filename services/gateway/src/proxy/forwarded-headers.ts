import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Of one connection only (RFC 9110, 7.6.1), and `expect`, which the gateway itself has answered. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];

/** The headers that go on to the other side. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

export interface Caller {
  readonly address: string;
  readonly protocol: 'http' | 'https';
}

/** A request's headers for the service behind, with who asked whom. A body of unknown length stays chunked. */
export function requestHeaders(headers: IncomingHttpHeaders, caller: Caller, targetHost: string): OutgoingHttpHeaders {
  const earlier = headers['x-forwarded-for'];
  return {
    ...endToEnd(headers),
    host: targetHost,
    'x-forwarded-for': earlier === undefined ? caller.address : `${String(earlier)}, ${caller.address}`,
    'x-forwarded-proto': headers['x-forwarded-proto'] ?? caller.protocol,
    'x-forwarded-host': headers['x-forwarded-host'] ?? headers.host ?? targetHost,
    ...(headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }),
  };
}
