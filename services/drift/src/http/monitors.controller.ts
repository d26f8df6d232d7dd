import { Controller, Get, Inject, Param } from '@nestjs/common';
import { MonitorQueries } from './monitor-queries.js';

/** What drift knows, as JSON. Times are ms since the epoch. */
@Controller('api/headrace/v1/monitors')
export class MonitorsController {
  constructor(@Inject(MonitorQueries) private readonly queries: MonitorQueries) {}

  @Get()
  async list() {
    return { monitors: await this.queries.monitors() };
  }

  @Get(':deployment')
  monitor(@Param('deployment') deployment: string) {
    return this.queries.monitor(deployment);
  }

  @Get(':deployment/windows')
  async windows(@Param('deployment') deployment: string) {
    return { windows: await this.queries.windows(deployment) };
  }

  @Get(':deployment/commands')
  async commands(@Param('deployment') deployment: string) {
    return { commands: await this.queries.commands(deployment) };
  }

  @Get(':deployment/vetoes')
  async vetoes(@Param('deployment') deployment: string) {
    return { vetoes: await this.queries.vetoes(deployment) };
  }

  /** One report with its evidence. Ids hold the deployment: deployment:windowStart. */
  @Get(':deployment/windows/:report')
  report(@Param('report') report: string) {
    return this.queries.report(report);
  }
}
