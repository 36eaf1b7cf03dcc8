/** Something to choose in a tree; what hangs on nothing known is a root. */
export interface TreeNode {
  id: string;
  label: string;
  parent: string;
}

/** A tree by what hangs on what, made once for a picker. */
export class Tree {
  readonly nodes: Map<string, TreeNode>;
  private readonly byParent = new Map<string, TreeNode[]>();

  constructor(nodes: readonly TreeNode[]) {
    this.nodes = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) {
      const above = this.nodes.has(node.parent) ? node.parent : "";
      const held = this.byParent.get(above);
      if (held) held.push(node);
      else this.byParent.set(above, [node]);
    }
  }

  below(id: string): readonly TreeNode[] {
    return this.byParent.get(id) ?? [];
  }

  isBranch(id: string): boolean {
    return this.byParent.has(id);
  }

  /** From the root to a node. */
  path(id: string): TreeNode[] {
    const found: TreeNode[] = [];
    for (let at = this.nodes.get(id); at && !found.includes(at); at = this.nodes.get(at.parent)) found.unshift(at);
    return found;
  }

  /** Labels from the root; a branch that is called like the one above it is named once. */
  words(id: string, step = " / "): string {
    const labels = this.path(id).map((node) => node.label);
    return labels.filter((label, index) => label !== labels[index - 1]).join(step);
  }
}
