import { applyDecorators, Controller, Delete, Get, HttpCode, Patch, Post, UseFilters } from '@nestjs/common';
import { MlflowErrorFilter } from './mlflow-error.filter.js';

/** MLflow's web page calls the same API under ajax-api. */
const PREFIXES = ['api/2.0/mlflow', 'ajax-api/2.0/mlflow'];

/** A controller of MLflow's REST API 2.0: both prefixes, MLflow's error body. */
export function MlflowController(path: string): ClassDecorator {
  return applyDecorators(Controller(PREFIXES.map((prefix) => `${prefix}${path}`)), UseFilters(MlflowErrorFilter));
}

/** MLflow answers 200 to every success, whatever the method. */
export const MlflowPost = (path: string): MethodDecorator => applyDecorators(Post(path), HttpCode(200));
export const MlflowGet = (path: string): MethodDecorator => Get(path);
export const MlflowPatch = (path: string): MethodDecorator => Patch(path);
export const MlflowDelete = (path: string): MethodDecorator => Delete(path);
