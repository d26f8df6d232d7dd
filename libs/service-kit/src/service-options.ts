import type { DynamicModule, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import type { BaseConfig } from './config.js';
import type { Logger } from './logger.js';
import type { ProtocolFilter } from './problem.filter.js';

export interface ServiceOptions {
  readonly name: string;
  readonly config: BaseConfig;
  readonly module: Type | DynamicModule;
  /** Requests whose body the handler streams itself; default none. */
  readonly rawBody?: (request: Request) => boolean;
  /** How errors outside of any controller (malformed JSON, an unknown path) are told on some paths; application/problem+json elsewhere. */
  readonly protocols?: (logger: Logger) => ProtocolFilter[];
  /** Largest JSON body, default 16mb. */
  readonly bodyLimit?: string;
}

export interface RunningService {
  readonly app: NestExpressApplication;
  readonly url: string;
}
