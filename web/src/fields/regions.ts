import { api } from "@/api/client";
import type { Option } from "@/kit/types";

import { Tree, type TreeNode } from "./tree";

type Branch = [code: string, name: string, below?: Branch[]];

let asked: Promise<readonly TreeNode[]> | undefined;

function* spread(branches: readonly Branch[], parent: string): Generator<TreeNode> {
  for (const [id, label, below] of branches) {
    yield { id, label, parent };
    if (below) yield* spread(below, id);
  }
}

/** Provinces, cities and districts, asked for once; a failure is asked again. */
export function loadRegions(): Promise<readonly TreeNode[]> {
  asked ??= api
    .get<{ regions: Branch[] }>("/regions")
    .then(({ regions }) => [...spread(regions, "")])
    .catch((problem: unknown) => {
      asked = undefined;
      throw problem;
    });
  return asked;
}

let loaded: Tree | undefined;

/** Regions whose way from the province holds every word of a query. */
export async function findRegions(query: string): Promise<Option[]> {
  const tree = (loaded ??= new Tree(await loadRegions()));
  const words = query.trim().split(/\s+/).filter(Boolean);
  const found: Option[] = [];
  for (const { id, label } of words.length ? tree.nodes.values() : tree.below("")) {
    const way = tree.words(id);
    if (words.every((word) => way.includes(word)) && found.push({ value: id, label, hint: way }) >= 50) break;
  }
  return found;
}

/** Name of a region by code, once the list is there. */
export const regionName = (code: string): string | undefined => loaded?.words(code, "");
