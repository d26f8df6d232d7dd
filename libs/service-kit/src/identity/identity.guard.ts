import { Inject, Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ANONYMOUS, type IdentifiedRequest } from './caller.js';
import { readCredentials } from './credentials.js';
import { Identities } from './identities.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];
/** MLflow asks with POST as well; none of these changes anything. */
const SEARCH = /\/(search(-datasets)?|batchGetInfos|calculate-filter-correlation)$/;
/** A reason travels with any call, MLflow's own included. */
export const REASON_HEADER = 'headrace-reason';

/** Names the caller of every request. Changes need a principal; reads do not, so that services find models without credentials. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(@Inject(Identities) private readonly identities: Identities) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<IdentifiedRequest>();
    const reason = request.get(REASON_HEADER)?.slice(0, 1000) ?? null;
    request.caller = { principal: await this.principalOf(request), address: addressOf(request), reason };
    return true;
  }

  private async principalOf(request: IdentifiedRequest): Promise<string> {
    const credentials = readCredentials(request.get('authorization'));
    if (credentials === undefined) {
      if (this.identities.anonymous || isRead(request)) return ANONYMOUS;
      throw new UnauthorizedException('This is a change: send a Bearer token or Basic credentials');
    }
    const principal = credentials === 'unreadable' ? undefined : await this.identities.principalOf(credentials);
    if (principal !== undefined) return principal;
    if (credentials === 'unreadable' && this.identities.anonymous) return ANONYMOUS;
    throw new UnauthorizedException('These credentials are not known here');
  }
}

const isRead = ({ method, path }: IdentifiedRequest): boolean =>
  READS.includes(method) || (method === 'POST' && SEARCH.test(path));

/** Who was in front of the gateway: the last hop it wrote down, which a client cannot choose. */
function addressOf(request: IdentifiedRequest): string | null {
  const hops = request.get('x-forwarded-for')?.split(',') ?? [];
  return hops.at(-1)?.trim().slice(0, 100) || (request.socket.remoteAddress ?? null);
}
