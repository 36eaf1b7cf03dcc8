import { say, t } from "@/i18n";
import type { ExpressionSource, NamedField } from "@/kit/expression/types";

/** A name a template can use where the caret is: how it is written, and what it stands for. */
export interface TemplateName {
  /** `record.account.phone`, `line.price`. */
  path: string;
  label: string;
  group: string;
  field: NamedField;
}

/** A loop that is open at a place of the text: the name of one of its rows, and what it goes over. */
export interface OpenLoop {
  name: string;
  over: string;
}

const TAGS = /\{%-?\s*(for\s+(\w+)\s+in\s+([\w.]+)|for\b|endfor)/g;
const PERSON = "org_user";

/** The loops whose end comes after a place, outermost first. */
export function loopsAt(text: string, place: number): OpenLoop[] {
  const open: (OpenLoop | null)[] = [];
  for (const found of text.slice(0, place).matchAll(TAGS)) {
    if (found[1] === "endfor") open.pop();
    else open.push(found[2] && found[3] ? { name: found[2], over: found[3] } : null);
  }
  return open.filter((one): one is OpenLoop => one !== null);
}

export const isRows = (field: NamedField): boolean => field.list && !!field.entity;
const leads = (field: NamedField): boolean => !field.list && !!field.entity;

/** What templates of an entity may name, read once for each entity. */
export class TemplateFields {
  private readonly asked = new Map<string, Promise<readonly NamedField[]>>();

  constructor(private readonly source: ExpressionSource) {}

  of(entity: string): Promise<readonly NamedField[]> {
    let found = this.asked.get(entity);
    if (!found) {
      found = this.source.names(entity).then((names) => names.fields);
      found.catch(() => this.asked.delete(entity)); // may be asked again
      this.asked.set(entity, found);
    }
    return found;
  }

  /** The fields after a dotted path from a variable, where the path leads to records. */
  async after(entity: string, steps: readonly string[]): Promise<readonly NamedField[]> {
    let fields = await this.of(entity);
    for (const step of steps) {
      const target = fields.find((field) => field.key === step)?.entity;
      if (!target) return [];
      fields = await this.of(target);
    }
    return fields;
  }

  /** The entity each variable stands for at a place: the record, and the rows of the loops around it. */
  async variables(entity: string, loops: readonly OpenLoop[]): Promise<Map<string, string>> {
    const known = new Map([["record", entity]]);
    for (const loop of loops) {
      const [root = "", ...steps] = loop.over.split(".");
      const last = steps.pop();
      const start = known.get(root);
      if (!start || !last) continue;
      const target = (await this.after(start, steps)).find((field) => field.key === last);
      if (target?.entity) known.set(loop.name, target.entity);
    }
    return known;
  }

  /** Every name for a place, those of the innermost loop first, each link one step deep. */
  async names(entity: string, loops: readonly OpenLoop[]): Promise<TemplateName[]> {
    const found: TemplateName[] = [];
    for (const [name, target] of [...(await this.variables(entity, loops))].reverse()) {
      const group = name === "record" ? t("prints.ofRecord") : t("prints.ofLoop", { name });
      const fields = await this.of(target);
      found.push(...fields.map((field) => ({ path: `${name}.${field.key}`, label: say(field.label), group, field })));
      const links = fields.filter((field) => leads(field) && field.entity !== PERSON);
      for (const link of links) {
        const below = await this.of(link.entity!);
        const through = say(link.label);
        found.push(
          ...below
            .filter((field) => !field.system)
            .map((field) => ({ path: `${name}.${link.key}.${field.key}`, label: `${through} › ${say(field.label)}`, group: through, field })),
        );
      }
    }
    return found;
  }
}
