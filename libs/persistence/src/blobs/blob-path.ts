import { HeadraceError } from '@headrace/service-kit';

/** Longest name that common file systems take, bytes. */
const MAX_SEGMENT_BYTES = 255;
const MAX_PATH_BYTES = 2_000;

/**
 * The segments of a blob's path: relative, '/' between, none of them empty, '.' or '..', no NUL or backslash, so that no store can be led outside its root.
 * An empty path is the root, a folder.
 * @throws HeadraceError INPUT_INVALID
 */
export function blobSegments(path: string): string[] {
  if (path === '') return [];
  const fault = pathFault(path);
  if (fault === undefined) return path.split('/');
  throw new HeadraceError('INPUT_INVALID', `Invalid path '${path.slice(0, 200)}': ${fault}`);
}

function pathFault(path: string): string | undefined {
  if (path.startsWith('/')) return 'it must be relative';
  if (/[\0\\]/.test(path)) return 'it holds a NUL or a backslash';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `it is longer than ${MAX_PATH_BYTES} bytes`;
  const segments = path.split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) return "'.' and '..' are not allowed";
  if (segments.includes('')) return 'it has an empty segment';
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) {
    return `a segment is longer than ${MAX_SEGMENT_BYTES} bytes`;
  }
  return undefined;
}
