import { readAs } from '@headrace/service-kit';
import { Body, createParamDecorator, Query, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import { parseRequest } from './request.js';

/** What a handler gets of a request that its schema lets pass. */
export type Asked<S extends z.ZodType> = z.infer<S>;

/** Checks a parameter of a handler. The API's description is made of the schemas of these, so it says what is checked. */
export class Checked implements PipeTransform {
  constructor(
    readonly schema: z.ZodType,
    readonly source: 'body' | 'query' | 'either',
    /** How a fault names it on the platform's own APIs; undefined tells faults in MLflow's words. */
    private readonly what?: string,
  ) {}

  transform(given: unknown): unknown {
    return this.what === undefined ? parseRequest(this.schema, given) : readAs(this.schema, this.what, given);
  }
}

/** `create(@FromBody(createRun) request: Asked<typeof createRun>)` */
export const FromBody = (schema: z.ZodType, what?: string): ParameterDecorator =>
  Body(new Checked(schema, 'body', what));
export const FromQuery = (schema: z.ZodType, what?: string): ParameterDecorator =>
  Query(new Checked(schema, 'query', what));

const bodyAndQuery = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  const { query, body } = context.switchToHttp().getRequest<Request>();
  return { ...query, ...(body as object | undefined) };
});

/** Where clients send a body and others, whose HTTP library gives DELETE none, a query. */
export const FromEither = (schema: z.ZodType): ParameterDecorator => bodyAndQuery(new Checked(schema, 'either'));
