import { Inject, Param } from '@nestjs/common';
import {
  FromBody,
  MlflowController,
  MlflowDelete,
  MlflowGet,
  MlflowPatch,
  MlflowPost,
  type Asked,
} from '@headrace/mlflow-protocol';
import { createAssessment, updateAssessment } from './assessment-messages.js';
import { Assessments } from './assessments.js';

/** MLflow's assessments API (mlflow.log_feedback, mlflow.log_expectation). */
@MlflowController('/traces/:trace/assessments', 3)
export class AssessmentsController {
  constructor(@Inject(Assessments) private readonly assessments: Assessments) {}

  @MlflowPost('')
  async create(
    @Param('trace') trace: string,
    @FromBody(createAssessment) { assessment }: Asked<typeof createAssessment>,
  ) {
    return { assessment: await this.assessments.create(trace, assessment) };
  }

  @MlflowGet(':id')
  async get(@Param('trace') trace: string, @Param('id') id: string) {
    return { assessment: await this.assessments.get(trace, id) };
  }

  @MlflowPatch(':id')
  async update(
    @Param('trace') trace: string,
    @Param('id') id: string,
    @FromBody(updateAssessment) request: Asked<typeof updateAssessment>,
  ) {
    return { assessment: await this.assessments.update(trace, id, request) };
  }

  @MlflowDelete(':id')
  async delete(@Param('trace') trace: string, @Param('id') id: string) {
    await this.assessments.delete(trace, id);
    return {};
  }
}
