import type { DeploymentSpec } from '@headrace/contracts';

/** Where a deployment's records come from and what it makes of them. */
export interface Flow {
  readonly name: string;
  readonly input: string;
  readonly outputs: readonly string[];
}

export function flowOf(name: string, { input, output }: DeploymentSpec): Flow {
  return { name, input: input.topic, outputs: [output.topic, ...(output.plain ? [output.plain.topic] : [])] };
}

/**
 * The deployments through which what `flow` makes comes back to its input, `flow` first; undefined when it never does. Such records
 * would go round for ever. Pure.
 */
export function topicCycle(flow: Flow, others: readonly Flow[]): string[] | undefined {
  const visited = new Set<string>();
  const follow = (from: Flow, path: readonly string[]): string[] | undefined => {
    if (from.outputs.includes(flow.input)) return [...path];
    for (const next of others) {
      if (visited.has(next.name) || !from.outputs.includes(next.input)) continue;
      visited.add(next.name);
      const found = follow(next, [...path, next.name]);
      if (found) return found;
    }
    return undefined;
  };
  return follow(flow, [flow.name]);
}
