import type { Request } from 'express';

export const PROXY = ['api/2.0/mlflow-artifacts', 'ajax-api/2.0/mlflow-artifacts'];

/** Requests whose body is a file, or OpenTelemetry's: it is streamed, never parsed as JSON. */
export function isFileContent(request: Request): boolean {
  if (request.path === '/v1/traces') return true;
  if (
    request.path.endsWith('/api/2.0/mlflow/upload-artifact') ||
    request.path === '/ajax-api/2.0/mlflow/upload-artifact'
  )
    return true;
  return PROXY.some((prefix) => request.path.startsWith(`/${prefix}/artifacts/`));
}
