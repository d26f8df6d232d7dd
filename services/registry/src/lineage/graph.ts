/** Something that was made, or that something was made of. */
export interface LineageNode {
  /** kind:name, unique in the graph. */
  readonly id: string;
  readonly kind: 'prediction' | 'deployment' | 'version' | 'run' | 'snapshot' | 'range' | 'code' | 'feature-code';
  readonly details: Readonly<Record<string, unknown>>;
}

export interface LineageEdge {
  /** What was made … */
  readonly from: string;
  /** … of or by what. */
  readonly to: string;
  readonly kind: string;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  /** What a link leads to and could not be found. */
  readonly missing: readonly string[];
}

/** Collects a graph; a node named twice is one. */
export class LineageGraph {
  private readonly nodes = new Map<string, LineageNode>();
  private readonly edges: LineageEdge[] = [];
  private readonly missing: string[] = [];

  /** @returns the node's id */
  add(kind: LineageNode['kind'], name: string, details: LineageNode['details'], from?: [string, string]): string {
    const id = `${kind}:${name}`;
    this.nodes.set(id, { id, kind, details });
    if (from) this.edges.push({ from: from[0], to: id, kind: from[1] });
    return id;
  }

  miss(what: string): void {
    this.missing.push(what);
  }

  toLineage(): Lineage {
    return { nodes: [...this.nodes.values()], edges: this.edges, missing: this.missing };
  }
}
