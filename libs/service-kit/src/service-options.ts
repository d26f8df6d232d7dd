import type { DynamicModule, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import type { BaseConfig } from './config.js';

export interface ServiceOptions {
  readonly name: string;
  readonly config: BaseConfig;
  readonly module: Type | DynamicModule;
  /** Requests whose body the handler streams itself; default none. */
  readonly rawBody?: (request: Request) => boolean;
  /** Largest JSON body, default 16mb. */
  readonly bodyLimit?: string;
}

export interface RunningService {
  readonly app: NestExpressApplication;
  readonly url: string;
}
