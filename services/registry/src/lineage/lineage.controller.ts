import { readAs } from '@headrace/service-kit';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { z } from 'zod';
import { LINEAGE_KINDS, Lineages } from './lineages.js';

/** What something was made of, as a graph of nodes and edges. */
@Controller('api/headrace/v1/lineage')
export class LineageController {
  constructor(@Inject(Lineages) private readonly lineages: Lineages) {}

  @Get(':kind/:id')
  async get(@Param('kind') kind: string, @Param('id') id: string) {
    return this.lineages.of(readAs(z.enum(LINEAGE_KINDS), 'The kind', kind), readAs(z.string().max(600), 'The id', id));
  }
}
