/** What the check reads of a dashboard's JSON. */
export interface DashboardFile {
  title: string;
  templating?: { list?: { name: string; query?: unknown }[] };
  panels?: PanelFile[];
}

interface PanelFile {
  title?: string;
  targets?: { expr?: string }[];
  panels?: PanelFile[];
}

/** A panel's expression as it is written, with its variables. */
export interface DashboardQuery {
  dashboard: string;
  panel: string;
  expr: string;
}

export function queriesOf(dashboard: DashboardFile): DashboardQuery[] {
  const fromPanels = (panels: PanelFile[]): DashboardQuery[] =>
    panels.flatMap((panel) => [
      ...(panel.targets ?? []).map(({ expr }) => ({
        dashboard: dashboard.title,
        panel: panel.title ?? '',
        expr: expr ?? '',
      })),
      ...fromPanels(panel.panels ?? []),
    ]);
  return fromPanels(dashboard.panels ?? []);
}

/** Variable → the metric and label it lists the values of, from `label_values(metric, label)`. */
export function variablesOf(dashboard: DashboardFile): Map<string, { metric: string; label: string }> {
  const variables = new Map<string, { metric: string; label: string }>();
  for (const { name, query } of dashboard.templating?.list ?? []) {
    const text = typeof query === 'string' ? query : ((query as { query?: string } | undefined)?.query ?? '');
    const match = /^label_values\(\s*(.+?)\s*,\s*(\w+)\s*\)$/.exec(text);
    if (!match) throw new Error(`${dashboard.title}: variable ${name} is not label_values(metric, label): ${text}`);
    variables.set(name, { metric: match[1]!, label: match[2]! });
  }
  return variables;
}

/**
 * The expression as Grafana would send it with every value of every variable chosen.
 * @param values by variable
 * @param interval a PromQL duration for $__interval and $__rate_interval
 */
export function substitute(expr: string, values: ReadonlyMap<string, readonly string[]>, interval: string): string {
  const builtIn = expr.replace(
    /\$__(rate_interval|interval|range)\b|\$\{__(rate_interval|interval|range)\}/g,
    interval,
  );
  return builtIn.replace(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (text: string, braced?: string, plain?: string) => {
    const chosen = values.get(braced ?? plain ?? '');
    if (!chosen) throw new Error(`${text} in ${expr} is no variable of its dashboard`);
    return chosen.map(escapeRegex).join('|');
  });
}

/** For use in a PromQL string: the backslash itself is escaped once more. */
function escapeRegex(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&');
}

/** Names of metrics in an expression, in order of appearance. */
export function metricsIn(expr: string): string[] {
  return [...new Set(expr.match(/\b(headrace|process|nodejs)_[a-z0-9_]+/g) ?? [])];
}
