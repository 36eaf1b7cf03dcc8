import { shallowReactive } from "vue";

import { say } from "@/i18n";

import type { ExpressionSource, FunctionCatalogue, FunctionEntry, NamedField } from "./types";

const PERSON = "org_user";

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
    const [catalogue] = await Promise.all([this.source.functions(), this.fetch(this.entity)]);
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
    if (!entity) return Promise.resolve([]);
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

  /** Fields that may follow a dotted path, as far as known; the record's own for an empty one. */
  after(path: readonly string[]): readonly NamedField[] {
    const rooted = this.rooted(path);
    let fields = rooted ? this.known(PERSON) : this.fields;
    for (const name of rooted ? path.slice(1) : path) fields = this.known(named(fields, name)?.entity ?? "");
    return fields;
  }

  /** Fetch what a dotted path leads through. */
  async learn(path: readonly string[]): Promise<void> {
    const rooted = this.rooted(path);
    let fields = await this.fetch(rooted ? PERSON : this.entity);
    for (const name of rooted ? path.slice(1) : path) {
      const target = named(fields, name)?.entity;
      if (!target) return;
      fields = await this.fetch(target);
    }
  }

  /** OLD is the record before, USER the person asking. */
  private rooted(path: readonly string[]): boolean {
    return path[0] === "USER" && this.roots.includes("USER");
  }
  private known(entity: string): readonly NamedField[] {
    return this.entities.get(entity) ?? [];
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
