import { listDepartments } from "@/api/people";
import { Tree } from "@/fields/tree";
import { say } from "@/i18n";
import type { Option } from "@/kit/types";

const LATIN = /^[a-z\s']+$/i;
const MOST = 50;

/** Departments as a picker shows them: branch by branch, with the way to each; found by name or by pinyin. */
export async function findDepartments(query: string, signal?: AbortSignal): Promise<Option[]> {
  const words = query.trim().toLowerCase();
  const { departments } = await listDepartments(LATIN.test(words), signal);
  const tree = new Tree(departments.map((one) => ({ id: one.id, label: say(one.name), parent: one.parent ?? "" })));
  const sounds = new Map(departments.map((one) => [one.id, one.sounds ?? ""]));
  const found: Option[] = [];
  const walk = (id: string): void => {
    for (const { id: below, label } of tree.below(id)) {
      const heard = (sounds.get(below) ?? "").includes(words.replace(/[\s']/g, ""));
      const above = tree.path(below).slice(0, -1);
      if (!words || label.toLowerCase().includes(words) || (sounds.get(below) && heard))
        found.push({ value: below, label, hint: above.map((one) => one.label).join(" / ") || undefined });
      walk(below);
    }
  };
  walk("");
  return found.slice(0, MOST);
}
