import { HeadraceError } from '@headrace/service-kit';

export function blobNotFound(path: string): HeadraceError {
  return new HeadraceError('NOT_FOUND', `No file at '${path}'`, { context: { path } });
}

export function blobConflict(path: string, cause?: unknown): HeadraceError {
  return new HeadraceError('CONFLICT', `'${path}' is a folder, or lies under a file`, { cause, context: { path } });
}
