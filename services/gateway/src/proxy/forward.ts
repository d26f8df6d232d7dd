import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { messageOf } from '@headrace/service-kit';
import { endToEnd, requestHeaders } from './forwarded-headers.js';

export interface Target {
  readonly service: string;
  readonly url: URL;
  /** Silence on the service's connection after which it is given up, ms. */
  readonly timeoutMs: number;
}

/**
 * A connection a request: one kept alive may be closed by the service just as a request goes out on it, and a POST that got no
 * answer cannot be repeated.
 */
const AGENTS = { 'http:': new HttpAgent({ keepAlive: false }), 'https:': new HttpsAgent({ keepAlive: false }) };

/**
 * Passes a request on and its answer back, both as streams: no body is held in memory, and back-pressure reaches the sender.
 * A client that goes away ends the request behind as well. 502 when the service does not answer, 504 when it is silent.
 */
export function forward(
  request: IncomingMessage & { originalUrl?: string },
  response: ServerResponse,
  target: Target,
): void {
  const behind = open(request, target);
  behind.setTimeout(target.timeoutMs, () => behind.destroy(new SilentService(target)));
  behind.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.headers));
    // Also destroys the response when the service breaks off, so that the client sees a cut and no short body.
    pipeline(answer, response, () => undefined);
  });
  behind.on('error', (error) => fail(response, target, error));
  response.on('close', () => {
    if (!response.writableFinished) behind.destroy();
  });
  request.pipe(behind);
}

class SilentService extends Error {
  constructor(target: Target) {
    super(`no answer within ${target.timeoutMs} ms`);
  }
}

function open(request: IncomingMessage & { originalUrl?: string }, { url }: Target): ClientRequest {
  const secure = url.protocol === 'https:';
  const caller = {
    address: request.socket.remoteAddress ?? 'unknown',
    protocol: 'encrypted' in request.socket ? ('https' as const) : ('http' as const),
  };
  const base = url.pathname.replace(/\/$/, '');
  return (secure ? httpsRequest : httpRequest)({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (secure ? 443 : 80),
    method: request.method ?? 'GET',
    path: base + (request.originalUrl ?? request.url ?? '/'),
    headers: requestHeaders(request.headers, caller, url.host),
    agent: AGENTS[secure ? 'https:' : 'http:'],
  });
}

function fail(response: ServerResponse, { service, url }: Target, error: Error): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const status = error instanceof SilentService ? 504 : 502;
  const reason = messageOf(error) || (error as NodeJS.ErrnoException).code;
  const detail = `Service ${service} at ${url.origin} does not answer: ${reason}`;
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: 'UNAVAILABLE', status, detail, service }));
}
