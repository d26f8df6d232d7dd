import { Body, Delete, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { parseLevel, type CompatibilityLevel } from './compatibility.js';
import { flag, RegistryController } from './door.js';
import { registryErrors } from './registry-error.js';
import { SchemaRegistry } from './schema-registry.js';

interface LevelBody {
  compatibility?: unknown;
}

/** Compatibility levels, global and by subject. Confluent asks with `compatibility` and answers a GET with `compatibilityLevel`. */
@RegistryController('config')
export class ConfigController {
  constructor(@Inject(SchemaRegistry) private readonly registry: SchemaRegistry) {}

  @Get()
  global(): { compatibilityLevel: CompatibilityLevel } {
    return { compatibilityLevel: this.registry.level(null)! };
  }

  @Put()
  setGlobal(@Body() body?: LevelBody) {
    return this.set(null, body);
  }

  @Delete()
  async unsetGlobal() {
    return { compatibilityLevel: await this.registry.unsetLevel(null) };
  }

  @Get(':subject')
  ofSubject(@Param('subject') subject: string, @Query('defaultToGlobal') defaultToGlobal?: string) {
    const level = flag(defaultToGlobal) ? this.registry.effectiveLevel(subject) : this.registry.level(subject);
    if (level === undefined) throw registryErrors.noSubjectConfig(subject);
    return { compatibilityLevel: level };
  }

  @Put(':subject')
  setOfSubject(@Param('subject') subject: string, @Body() body?: LevelBody) {
    return this.set(subject, body);
  }

  @Delete(':subject')
  async unsetOfSubject(@Param('subject') subject: string) {
    return { compatibilityLevel: await this.registry.unsetLevel(subject) };
  }

  private async set(subject: string | null, body: LevelBody | undefined) {
    return { compatibility: await this.registry.setLevel(subject, parseLevel(body?.compatibility)) };
  }
}
