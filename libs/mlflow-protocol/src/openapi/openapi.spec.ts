import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Param, Post } from '@nestjs/common';
import 'reflect-metadata';
import { z } from 'zod';
import { FromBody, FromEither, FromQuery } from '../asked.js';
import { repeated, text } from '../request.js';
import { describeRoutes } from './describe-routes.js';
import { openApiDocument } from './open-api-document.js';

const created = z.preprocess((given) => given, z.object({ name: text(5), tags: repeated(z.string()) }));
const asked = z.object({ name: z.string(), most: z.number().default(1) });

@Controller(['api/things', 'ajax-api/things'])
class Things {
  @Post('create')
  create(@FromBody(created) _request: unknown) {}

  @Get(':id/files/*path')
  file(@Param('id') _id: string, @FromQuery(asked) _request: unknown) {}

  @Post('either')
  either(@FromEither(asked) _request: unknown) {}

  helper() {}
}

describe('the document of a service', () => {
  const { paths } = openApiDocument('things', '1', describeRoutes(Things)) as any;

  it('has every route once, under its first spelling', () => {
    expect(Object.keys(paths)).toEqual(['/api/things/create', '/api/things/{id}/files/{path}', '/api/things/either']);
  });

  it('says what a body is checked by', () => {
    const { schema } = paths['/api/things/create'].post.requestBody.content['application/json'];
    expect(schema.properties.name).toEqual({ type: 'string', minLength: 1, maxLength: 5 });
  });

  it('says which parameters there are, and which must be', () => {
    const { parameters } = paths['/api/things/{id}/files/{path}'].get;
    expect(parameters.map((each: any) => [each.in, each.name, each.required])).toEqual([
      ['path', 'id', true],
      ['path', 'path', true],
      ['query', 'name', true],
      ['query', 'most', false],
    ]);
  });

  it('asks for no body where a query does', () => {
    expect(paths['/api/things/either'].post.requestBody.required).toBe(false);
  });
});
