import { Body, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { flag, prefixOf, RegistryController } from './door.js';
import { parseRegistration, parseVersion } from './registration.js';
import type { SchemaRecord } from './schema-records.js';
import { SchemaRegistry } from './schema-registry.js';

@RegistryController('subjects')
export class SubjectsController {
  constructor(@Inject(SchemaRegistry) private readonly registry: SchemaRegistry) {}

  @Get()
  subjects(
    @Query('subjectPrefix') prefix?: string,
    @Query('deleted') deleted?: string,
    @Query('deletedOnly') deletedOnly?: string,
  ): string[] {
    return this.registry.subjects(prefixOf(prefix), { deleted: flag(deleted), deletedOnly: flag(deletedOnly) });
  }

  /** Is this schema registered here? */
  @Post(':subject')
  @HttpCode(200)
  lookup(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @Query('normalize') normalize?: string,
    @Query('deleted') deleted?: string,
  ) {
    const schema = parseRegistration(body, flag(normalize));
    return toSubjectVersion(this.registry.lookup(subject, schema, { deleted: flag(deleted) }));
  }

  @Delete(':subject')
  deleteSubject(@Param('subject') subject: string, @Query('permanent') permanent?: string): Promise<number[]> {
    return this.registry.deleteSubject(subject, flag(permanent));
  }

  @Get(':subject/versions')
  versions(
    @Param('subject') subject: string,
    @Query('deleted') deleted?: string,
    @Query('deletedOnly') deletedOnly?: string,
  ): number[] {
    const scope = { deleted: flag(deleted), deletedOnly: flag(deletedOnly) };
    return this.registry.versions(subject, scope).map((record) => record.version);
  }

  @Post(':subject/versions')
  @HttpCode(200)
  async register(@Param('subject') subject: string, @Body() body: unknown, @Query('normalize') normalize?: string) {
    const record = await this.registry.register(subject, parseRegistration(body, flag(normalize)));
    return { id: record.id, version: record.version, guid: record.guid, schema: record.schema };
  }

  @Get(':subject/versions/:version')
  version(@Param('subject') subject: string, @Param('version') version: string, @Query('deleted') deleted?: string) {
    return toSubjectVersion(this.registry.version(subject, parseVersion(version), { deleted: flag(deleted) }));
  }

  @Get(':subject/versions/:version/schema')
  schema(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query('deleted') deleted?: string,
  ): string {
    return this.registry.version(subject, parseVersion(version), { deleted: flag(deleted) }).schema;
  }

  /** References are not supported, so nothing is ever referenced. */
  @Get(':subject/versions/:version/referencedby')
  referencedBy(@Param('subject') subject: string, @Param('version') version: string): number[] {
    this.registry.version(subject, parseVersion(version));
    return [];
  }

  @Delete(':subject/versions/:version')
  deleteVersion(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Query('permanent') permanent?: string,
  ): Promise<number> {
    return this.registry.deleteVersion(subject, parseVersion(version), flag(permanent));
  }
}

/** schemaType is left out for AVRO, as Confluent does. */
export function toSubjectVersion({ subject, version, id, guid, schema }: SchemaRecord) {
  return { subject, version, id, guid, schema };
}
