/** An entity's rules laid out for one form: nodes in dependency order, and who reads what. Made once per form. */
import { walk } from "../expr/tree.ts";
import type { Tree } from "../expr/index.ts";
import type { CheckMeta, RuledEntity, RuledField, RuledForm, RuledItem, RulesMeta, Sent } from "./types.ts";

const NONE: RulesMeta = {
  conditions: {}, show: {}, require: {}, needed: [], lock: {}, set: {}, choose: {}, checks: [], formulas: {}, defaults: {}, fit: {}, asks: [],
};
/** Judging comes after every value is known. */
const JUDGING = 1e9;
const PARENT = "sys_parent";

/** `c` a condition, `f` a field's value and whether it is there, `j` what is demanded of a field, `k` a check. */
export interface Node {
  readonly number: number;
  readonly kind: "c" | "f" | "j" | "k";
  readonly id: string;
  readonly field?: RuledField;
  readonly check?: CheckMeta;
}

/** Own fields a tree reads (ids), and fields of the record above. */
export interface Reads {
  readonly own: readonly string[];
  readonly above: readonly string[];
}

const reading = new WeakMap<Tree, Reads>();

export function readsOf(tree: Tree): Reads {
  let found = reading.get(tree);
  if (!found) {
    const [own, above] = [new Set<string>(), new Set<string>()];
    for (const node of walk(tree)) {
      if (node.k !== "path" || (node.root !== "" && node.root !== "OLD")) continue;
      const [first, second] = node.ids;
      if (first === PARENT && second !== undefined && node.root === "") above.add(second);
      else if (first !== undefined) own.add(first);
    }
    found = { own: [...own], above: [...above] };
    reading.set(tree, found);
  }
  return found;
}

function push<K>(map: Map<K, Node[]>, key: K, node: Node): void {
  const held = map.get(key);
  if (!held) map.set(key, [node]);
  else if (held.at(-1) !== node) held.push(node);
}

/** The conditions above every place of a field, from the outside in; and those of every layout element. */
function placesOf(form: RuledForm | null | undefined, show: RulesMeta["show"]): { fields: Map<string, string[][]>; items: Map<string, string[]> } {
  const fields = new Map<string, string[][]>();
  const items = new Map<string, string[]>();
  const visit = (parts: readonly RuledItem[], chain: readonly string[], above: readonly string[]): void => {
    for (const part of parts) {
      const here = part.when === undefined ? chain : [...chain, part.id];
      const all = [...above, ...here.slice(chain.length), ...(show[part.id] ?? []).map((rule) => rule.rule)];
      items.set(part.id, all);
      if (part.kind === "field" && part.field) fields.set(part.field, [...(fields.get(part.field) ?? []), [...here]]);
      visit(part.items ?? [], here, all);
    }
  };
  visit(form?.items ?? [], [], []);
  return { fields, items };
}

export class Program {
  readonly meta: RulesMeta;
  readonly byKey = new Map<string, RuledField>();
  readonly byId = new Map<string, RuledField>();
  readonly conditions: ReadonlyMap<string, Sent>;
  readonly places: ReadonlyMap<string, readonly (readonly string[])[]>;
  readonly items: ReadonlyMap<string, readonly string[]>;
  readonly nodes: readonly Node[];
  readonly byField = new Map<string, Node>();
  readonly judges = new Map<string, Node>();
  /** Nodes by the id of an own field, by that of a field of the record above, and by condition. */
  readonly readers = new Map<string, Node[]>();
  readonly readersAbove = new Map<string, Node[]>();
  readonly uses = new Map<string, Node[]>();
  readonly subtables: readonly RuledField[];
  /** Keys of the fields that defaults read. */
  readonly seeds: ReadonlySet<string>;

  readonly entity: RuledEntity;

  constructor(entity: RuledEntity, form: RuledForm | null | undefined, root: RuledForm | null | undefined) {
    this.entity = entity;
    this.meta = entity.rules ?? NONE;
    for (const field of entity.fields) {
      this.byKey.set(field.key, field);
      this.byId.set(field.id, field);
    }
    this.subtables = entity.fields.filter((field) => field.type === "subtable");
    const seeds = Object.values(this.meta.defaults).flatMap((tree) => (tree ? readsOf(tree).own : []));
    this.seeds = new Set(seeds.flatMap((id) => this.byId.get(id)?.key ?? []));
    const placed = placesOf(form, this.meta.show);
    this.places = placed.fields;
    this.items = placed.items;
    const conditions = new Map(Object.entries(this.meta.conditions));
    const visit = (parts: readonly RuledItem[]): void => {
      for (const part of parts) {
        if (part.when !== undefined) conditions.set(part.id, part.when);
        visit(part.items ?? []);
      }
    };
    visit(form?.items ?? []);
    this.conditions = conditions;
    this.nodes = [...this.#steps(root), ...this.#judging()];
    for (const node of this.nodes) this.#link(node);
  }

  #steps(root: RuledForm | null | undefined): Node[] {
    const numbers = new Map((root?.steps?.[this.entity.key] ?? []).map(([number, name]) => [name, number]));
    const found: Node[] = [];
    for (const id of this.conditions.keys()) found.push({ number: numbers.get(`c:${id}`) ?? 0, kind: "c", id });
    for (const field of this.entity.fields) {
      const { formulas, set, show } = this.meta;
      const conditional = (this.places.get(field.key) ?? []).some((chain) => chain.length > 0);
      if (!(field.key in formulas || field.key in set || field.key in show || conditional)) continue;
      const node: Node = { number: numbers.get(`f:${field.key}`) ?? 0, kind: "f", id: field.key, field };
      this.byField.set(field.key, node);
      found.push(node);
    }
    return found.sort((left, right) => left.number - right.number);
  }

  #judging(): Node[] {
    const { require, needed, lock, choose, set, checks } = this.meta;
    const written = new Set([...Object.keys(set), ...checks.flatMap((check) => (check.severity === "fix" ? Object.keys(check.values) : []))]);
    const found: Node[] = [];
    for (const field of this.entity.fields) {
      if (!field.required && !needed.includes(field.key) && !written.has(field.key) && !(field.key in require || field.key in lock || field.key in choose)) continue;
      const node: Node = { number: JUDGING, kind: "j", id: field.key, field };
      this.judges.set(field.key, node);
      found.push(node);
    }
    for (const [at, check] of this.meta.checks.entries()) found.push({ number: JUDGING + 1 + at, kind: "k", id: check.rule, check });
    return found;
  }

  #link(node: Node): void {
    for (const id of this.#conditionsOf(node)) push(this.uses, id, node);
    const read = (tree: Sent | undefined): void => {
      if (!tree) return;
      const { own, above } = readsOf(tree);
      for (const id of own) push(this.readers, id, node);
      for (const id of above) push(this.readersAbove, id, node);
    };
    if (node.kind === "c") read(this.conditions.get(node.id));
    if (node.kind === "f") {
      read(this.meta.formulas[node.id]);
      for (const rule of this.meta.set[node.id] ?? []) {
        read(rule.value);
        if (rule.moment === "change") read(this.conditions.get(rule.rule));
      }
    }
    if (node.kind === "j") {
      push(this.readers, node.field!.id, node);
      for (const rule of this.meta.choose[node.id] ?? []) read(this.conditions.get(rule.rule));
      for (const rule of this.asking(node.id)) read(this.conditions.get(rule));
    }
    if (node.kind === "k") {
      read(node.check!.check);
      for (const tree of Object.values(node.check!.values)) read(tree);
      for (const key of node.check!.about) if (this.byKey.has(key)) push(this.readers, this.byKey.get(key)!.id, node);
    }
  }

  /** The rules that ask for a field, or show it. */
  asking(key: string): string[] {
    return [...(this.meta.require[key] ?? []), ...(this.meta.show[key] ?? []).map((rule) => rule.rule)];
  }

  #conditionsOf(node: Node): string[] {
    const { show, set, require, lock, choose } = this.meta;
    const key = node.id;
    if (node.kind === "k") return [node.check!.rule];
    if (node.kind === "f") {
      const rules = [...(show[key] ?? []), ...(set[key] ?? [])].map((rule) => rule.rule);
      return [...rules, ...(this.places.get(key) ?? []).flat()];
    }
    if (node.kind !== "j") return [];
    const fills = (set[key] ?? []).filter((rule) => rule.moment === "always").map((rule) => rule.rule);
    return [...(require[key] ?? []), ...(lock[key] ?? []), ...(choose[key] ?? []).map((rule) => rule.rule), ...fills];
  }
}
