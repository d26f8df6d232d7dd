import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Who asks for a change, from where, and why: what its audit record says. */
export interface Caller {
  readonly principal: string;
  /** Network address, or the record that asked (topic/partition@offset); null when there is none. */
  readonly address: string | null;
  readonly reason: string | null;
}

export const ANONYMOUS = 'anonymous';

/** A request that IdentityGuard has let through. */
export interface IdentifiedRequest extends Request {
  caller?: Caller;
}

/** The caller of the HTTP request in hand. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<IdentifiedRequest>();
  return caller ?? { principal: ANONYMOUS, address: null, reason: null };
});
