import { Get, Inject, Param, Query } from '@nestjs/common';
import { flag, prefixOf, RegistryController } from './door.js';
import { registryErrors } from './registry-error.js';
import type { SchemaRecord } from './schema-records.js';
import { SchemaRegistry } from './schema-registry.js';
import { toSubjectVersion } from './subjects.controller.js';

@RegistryController('schemas')
export class SchemasController {
  constructor(@Inject(SchemaRegistry) private readonly registry: SchemaRegistry) {}

  @Get()
  all(
    @Query('subjectPrefix') prefix?: string,
    @Query('deleted') deleted?: string,
    @Query('latestOnly') latestOnly?: string,
    @Query('offset') offset?: string,
    @Query('limit') limit?: string,
  ) {
    const scope = { deleted: flag(deleted) };
    const records = this.registry.subjects(prefixOf(prefix), scope).flatMap((subject) => {
      const versions = this.registry.versions(subject, scope);
      return flag(latestOnly) ? versions.slice(-1) : versions;
    });
    return page(records, offset, limit).map(toSubjectVersion);
  }

  @Get('types')
  types(): string[] {
    return ['AVRO'];
  }

  @Get('ids/:id')
  byId(@Param('id') id: string, @Query('fetchMaxId') fetchMaxId?: string) {
    const { schema, guid } = this.registry.byId(parseId(id))[0]!;
    return { schema, guid, ...(flag(fetchMaxId) ? { maxId: this.registry.highestId } : {}) };
  }

  @Get('ids/:id/schema')
  text(@Param('id') id: string): string {
    return this.registry.byId(parseId(id))[0]!.schema;
  }

  @Get('ids/:id/subjects')
  subjects(@Param('id') id: string, @Query('deleted') deleted?: string): string[] {
    return [...new Set(this.uses(id, deleted).map((record) => record.subject))];
  }

  @Get('ids/:id/versions')
  versions(@Param('id') id: string, @Query('subject') subject?: string, @Query('deleted') deleted?: string) {
    return this.uses(id, deleted)
      .filter((record) => subject === undefined || record.subject === subject)
      .map((record) => ({ subject: record.subject, version: record.version }));
  }

  @Get('guids/:guid')
  byGuid(@Param('guid') guid: string) {
    return { schema: this.registry.byGuid(guid.toLowerCase())[0]!.schema, guid: guid.toLowerCase() };
  }

  private uses(id: string, deleted: string | undefined): SchemaRecord[] {
    return this.registry.byId(parseId(id)).filter((record) => flag(deleted) || !record.deleted);
  }
}

function parseId(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw registryErrors.schemaNotFound(text);
  return Number(text);
}

/** limit ≤ 0 or absent: all. */
function page<T>(items: T[], offset = '0', limit = '-1'): T[] {
  const from = Math.max(0, Number.parseInt(offset, 10) || 0);
  const count = Number.parseInt(limit, 10) || 0;
  return count > 0 ? items.slice(from, from + count) : items.slice(from);
}
