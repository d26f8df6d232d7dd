import { Body, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { flag, RegistryController } from './door.js';
import { parseRegistration, parseVersion } from './registration.js';
import { SchemaRegistry } from './schema-registry.js';

/** Would this schema be accepted? Registers nothing. */
@RegistryController('compatibility/subjects/:subject/versions')
export class CompatibilityController {
  constructor(@Inject(SchemaRegistry) private readonly registry: SchemaRegistry) {}

  @Post()
  @HttpCode(200)
  againstSubject(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @Query('verbose') verbose?: string,
    @Query('normalize') normalize?: string,
  ) {
    return answer(this.registry.check(subject, parseRegistration(body, flag(normalize))), verbose);
  }

  @Post(':version')
  @HttpCode(200)
  againstVersion(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @Query('verbose') verbose?: string,
    @Query('normalize') normalize?: string,
  ) {
    const schema = parseRegistration(body, flag(normalize));
    return answer(this.registry.check(subject, schema, parseVersion(version)), verbose);
  }
}

function answer(messages: string[], verbose: string | undefined) {
  return { is_compatible: messages.length === 0, ...(flag(verbose) ? { messages } : {}) };
}
