import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.js';
import { publicLookup, type TargetRules } from './target.js';

export interface PostAnswer {
  readonly status: number;
  /** The first 2,000 characters. */
  readonly body: string;
  /** Seconds, or undefined when it names none. */
  readonly retryAfterSeconds: number | undefined;
}

const MOST_BODY = 2_000;

/** One POST, no redirect followed, no proxy. @throws Error when there was no answer in time, or the address may not be called */
export function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  rules: TargetRules & { readonly timeoutMs: number },
): Promise<PostAnswer> {
  const target = new URL(url);
  const literal = target.hostname.replace(/^\[|\]$/g, '');
  if (!rules.privateAddresses && isIP(literal) !== 0 && !isPublicAddress(literal))
    return Promise.reject(new Error(`${literal} is not a public address`));
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(rules.timeoutMs);
  const lookup = rules.privateAddresses ? {} : { lookup: publicLookup };
  return new Promise((resolve, reject) => {
    const request = send(target, { method: 'POST', headers, signal, agent: false, ...lookup }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.length < 64 && chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8').slice(0, MOST_BODY);
        const after = Number(response.headers['retry-after']);
        resolve({
          status: response.statusCode ?? 0,
          body: text,
          retryAfterSeconds: Number.isFinite(after) && after >= 0 ? after : undefined,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
