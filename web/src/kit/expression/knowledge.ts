import { shallowReactive } from "vue";

import { say } from "@/i18n";

import type { ExpressionSource, FunctionCatalogue, FunctionEntry, NamedField } from "./types";

/**
 * What is known so far of names and functions. Fields of what a link leads to are fetched when first asked for; a
 * question that cannot be answered yet answers later, through the same reactive object.
 */
export class Knowledge {
  private readonly entities = shallowReactive(new Map<string, readonly NamedField[]>());
  private readonly asked = new Map<string, Promise<readonly NamedField[]>>();
  private readonly held = shallowReactive<{ catalogue: FunctionCatalogue | null }>({ catalogue: null });
  private byName = new Map<string, FunctionEntry>();

  constructor(
    private readonly source: ExpressionSource,
    readonly entity: string,
    readonly roots: readonly string[],
  ) {}

  /** Fetch the record's own names and the functions. */
  async load(): Promise<void> {
    const [catalogue] = await Promise.all([this.source.functions(), this.entity ? this.fetch(this.entity) : null]);
    this.byName = new Map(catalogue.functions.flatMap((one) => [one.name, ...one.aliases].map((name) => [name.toUpperCase(), one])));
    this.held.catalogue = catalogue;
  }

  get catalogue(): FunctionCatalogue {
    return this.held.catalogue ?? { groups: [], functions: [] };
  }
  /** Fields of the record itself. */
  get fields(): readonly NamedField[] {
    return this.entities.get(this.entity) ?? [];
  }

  function(name: string): FunctionEntry | undefined {
    return this.byName.get(name.toUpperCase());
  }

  fetch(entity: string): Promise<readonly NamedField[]> {
    let found = this.asked.get(entity);
    if (!found) {
      found = this.source.names(entity).then(({ fields }) => {
        this.entities.set(entity, fields);
        return fields;
      });
      // a failed question may be asked again
      found.catch(() => this.asked.delete(entity));
      this.asked.set(entity, found);
    }
    return found;
  }

  /** Fields that may follow a dotted path; the record's own for an empty one. */
  async after(path: readonly string[]): Promise<readonly NamedField[]> {
    let fields = await this.start(path[0]);
    for (const name of this.rooted(path) ? path.slice(1) : path) {
      const target = named(fields, name)?.entity;
      if (!target) return [];
      fields = await this.fetch(target);
    }
    return fields;
  }

  private rooted(path: readonly string[]): boolean {
    return path[0] !== undefined && this.roots.includes(path[0]);
  }

  private start(first: string | undefined): Promise<readonly NamedField[]> {
    if (first === "USER" && this.roots.includes("USER")) return this.fetch("org_user");
    return this.entity ? this.fetch(this.entity) : Promise.resolve([]);
  }

  /** The field a dotted path of keys or labels leads to, as far as its entities were fetched. */
  field(path: string): { kind: string; list: boolean; field: NamedField } | undefined {
    let fields = this.fields;
    let list = false;
    let found: NamedField | undefined;
    for (const name of path.split(".")) {
      found = named(fields, name);
      if (!found) return undefined;
      list ||= found.list;
      fields = (found.entity && this.entities.get(found.entity)) || [];
    }
    return found && { kind: found.kind, list, field: found };
  }
}

/** A field by key or by label in any language. */
export function named(fields: readonly NamedField[], name: string): NamedField | undefined {
  return fields.find((field) => field.key === name) ?? fields.find((field) => labels(field).includes(name));
}

const labels = (field: NamedField): string[] => (typeof field.label === "string" ? [field.label] : Object.values(field.label));

/** What a function does, in the language of the page. */
export const docOf = (entry: FunctionEntry): string => say(entry.docs);
