/** Nothing answers at an address. */
export class GatewayUnreachable extends Error {
  /** @param what answers there when all is well */
  constructor(url: string, cause: unknown, what = 'gateway') {
    const help = 'start one with `npm start`, or name another with --gateway or HEADRACE_GATEWAY_URL';
    super(what === 'gateway' ? `no gateway at ${url}: ${help}` : `no ${what} at ${url}`, { cause });
    this.name = 'GatewayUnreachable';
  }
}

/** One fault of a request, where its place in the document is known. */
export interface Fault {
  /** Dotted path in the document; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** The gateway answered with an error; `faults` lists what is wrong with the document, if that is why. */
export class GatewayError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly faults: readonly Fault[],
    /** MLflow's error_code, or the problem's title; empty when the answer names none. */
    readonly code = '',
  ) {
    super(detail);
    this.name = 'GatewayError';
  }
}

/** Reads application/problem+json (RFC 9457) and MLflow's error_code bodies; anything else is quoted as it came. */
export function errorFrom(status: number, body: string, request: string): GatewayError {
  const problem = parsed(body);
  const message = firstText(problem, ['detail', 'message', 'title']) ?? body.slice(0, 300);
  const text = `${message || 'no reason given'} (${status} to ${request})`;
  return new GatewayError(status, text, faultsOf(problem), firstText(problem, ['error_code', 'title']) ?? '');
}

type Fields = Record<string, unknown>;

function parsed(body: string): Fields {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

function firstText(fields: Fields, names: readonly string[]): string | undefined {
  return names.map((name) => fields[name]).find((value) => typeof value === 'string');
}

/** Services list faults under `faults`, `errors` or `issues`; a path is a string or a list of keys. */
function faultsOf(problem: Fields): Fault[] {
  const list = [problem.faults, problem.errors, problem.issues].find(Array.isArray) as unknown[] | undefined;
  return (list ?? []).map((entry) => {
    if (typeof entry !== 'object' || entry === null) return { path: '', message: String(entry) };
    const fields = entry as Fields;
    const path = Array.isArray(fields.path) ? fields.path.join('.') : firstText(fields, ['path', 'pointer']);
    return { path: path ?? '', message: firstText(fields, ['message', 'detail']) ?? JSON.stringify(entry) };
  });
}
