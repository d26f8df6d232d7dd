import type { ModelQuarantined } from '@headrace/contracts';
import { Controller, Delete, Get, HttpCode, Inject, NotFoundException, Param, ParseIntPipe } from '@nestjs/common';
import { QuarantineOffice } from '../quarantine/quarantine-office.js';
import { Quarantines } from '../quarantine/quarantines.js';

/** Versions that must not run, and how they may again. */
@Controller('api/headrace/v1/streaming/quarantines')
export class QuarantinesController {
  constructor(
    @Inject(Quarantines) private readonly quarantines: Quarantines,
    @Inject(QuarantineOffice) private readonly office: QuarantineOffice,
  ) {}

  @Get()
  all(): ModelQuarantined[] {
    return this.quarantines.all();
  }

  /** The version runs again wherever it is wanted. */
  @Delete(':model/:version')
  @HttpCode(204)
  async lift(@Param('model') model: string, @Param('version', ParseIntPipe) version: number): Promise<void> {
    await this.quarantines.caughtUp();
    if (!this.quarantines.get(model, version)) throw new NotFoundException(`${model}@${version} is not quarantined`);
    await this.office.lift(model, version);
  }
}
