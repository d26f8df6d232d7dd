import { applyDecorators, Controller, Delete, Get, HttpCode, Patch, Post, UseFilters } from '@nestjs/common';
import { MlflowErrorFilter } from './mlflow-error.filter.js';

/** The MLflow whose API this is; clients decide by it what they may ask. */
export const MLFLOW_VERSION = '3.17.2';

/** MLflow's web page calls the same API under ajax-api. */
const prefixes = (version: 2 | 3) => [`api/${version}.0/mlflow`, `ajax-api/${version}.0/mlflow`];

/** A controller of MLflow's REST API, by default 2.0: both prefixes, MLflow's error body. */
export function MlflowController(path: string, ...versions: Array<2 | 3>): ClassDecorator {
  return applyDecorators(
    Controller((versions.length > 0 ? versions : [2 as const]).flatMap(prefixes).map((prefix) => `${prefix}${path}`)),
    UseFilters(MlflowErrorFilter),
  );
}

/** Whether a request is MLflow's API, whose clients read its error body and no other. */
export function isMlflowPath(path: string): boolean {
  return /^\/(?:ajax-)?api\/[23]\.0\/mlflow|^\/v1\/traces(?:\/|$)/.test(path);
}

/** MLflow answers 200 to every success, whatever the method. */
export const MlflowPost = (path: string): MethodDecorator => applyDecorators(Post(path), HttpCode(200));
export const MlflowGet = (path: string): MethodDecorator => Get(path);
export const MlflowPatch = (path: string): MethodDecorator => Patch(path);
export const MlflowDelete = (path: string): MethodDecorator => Delete(path);
