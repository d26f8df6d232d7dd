import { HeadraceError } from '@headrace/service-kit';
import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';

/** The Grafana dashboards as files, for import into a Grafana that is not provisioned by us. */
@Controller('dashboards')
export class DashboardsController {
  constructor(@Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig) {}

  @Get()
  async list(): Promise<{ name: string; url: string }[]> {
    return (await this.files()).map((file) => ({ name: file.slice(0, -'.json'.length), url: `/dashboards/${file}` }));
  }

  /** Only names from the listing are opened, so a path cannot leave the folder. */
  @Get(':file')
  @Header('content-type', 'application/json')
  async dashboard(@Param('file') file: string): Promise<string> {
    if (!(await this.files()).includes(file))
      throw new HeadraceError('NOT_FOUND', `No dashboard ${file}; see /dashboards`);
    return readFile(join(this.config.DASHBOARDS_DIR, file), 'utf8');
  }

  private async files(): Promise<string[]> {
    const entries = await readdir(this.config.DASHBOARDS_DIR).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return entries.filter((name) => name.endsWith('.json')).sort();
  }
}
