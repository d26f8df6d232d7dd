import { Get, Param, Query } from '@nestjs/common';
import { flag, RegistryController } from './door.js';
import { registryErrors } from './registry-error.js';

/** This registry is always READWRITE; READONLY and IMPORT are not offered. */
@RegistryController('mode')
export class ModeController {
  @Get()
  global() {
    return { mode: 'READWRITE' };
  }

  @Get(':subject')
  ofSubject(@Param('subject') subject: string, @Query('defaultToGlobal') defaultToGlobal?: string) {
    if (!flag(defaultToGlobal)) throw registryErrors.noSubjectMode(subject);
    return { mode: 'READWRITE' };
  }
}
