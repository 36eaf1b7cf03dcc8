import { beforeAll, describe, expect, it } from "vitest";

import type { Json } from "@/api/types";
import { setLang } from "@/i18n";
import type { ExpressionSource, NamedField } from "@/kit/expression/types";
import { entitiesOf, freshPrint, placeOf, printsOf, sameDefinition, withoutPrint, withPrint } from "@/runtime/design/prints/definitions";
import { loopsAt, TemplateFields } from "@/runtime/design/prints/fields";
import { FITS, forField, table } from "@/runtime/design/prints/snippets";
import { tokensOf } from "@/runtime/design/prints/templateColours";

const field = (key: string, kind: string, more: Partial<NamedField> = {}): NamedField => ({
  id: `fld_${key}`,
  key,
  label: { "zh-CN": `${key}名`, en: key },
  kind,
  list: false,
  sounds: [],
  system: false,
  ...more,
});
const FIELDS: Record<string, NamedField[]> = {
  ent_deal: [
    field("title", "text"),
    field("amount", "number"),
    field("account", "record", { entity: "ent_account" }),
    field("items", "record", { entity: "ent_item", list: true }),
    field("stage", "choice", { options: [{ id: "opt_won", label: { "zh-CN": "赢单", en: "Won" }, sounds: [] }] }),
  ],
  ent_account: [field("phone", "text"), field("created_at", "datetime", { system: true })],
  ent_item: [field("product", "text"), field("price", "number"), field("parts", "record", { entity: "ent_part", list: true })],
  ent_part: [field("photo", "file")],
};
const source = { names: (entity: string) => Promise.resolve({ entity: { id: entity, key: "", label: "" }, fields: FIELDS[entity] ?? [] }) } as unknown as ExpressionSource;

beforeAll(() => setLang("en"));

const app: { [name: string]: Json; prints: Json[] } = {
  entities: [
    { id: "ent_deal", key: "deal", label: { en: "Deal" } },
    { id: "ent_item", key: "item", label: { en: "Item" }, parent: "ent_deal" },
  ],
  prints: [
    { id: "prt_one", entity: "ent_deal", label: { en: "One" }, html: "1", default: true },
    { id: "prt_two", entity: "ent_deal", label: { en: "Two" }, when: { src: "amount > 1" } },
  ],
};

describe("templates in a draft", () => {
  it("are those of an entity, and rows of sub-tables have none", () => {
    expect(entitiesOf(app).map((one) => one.key)).toEqual(["deal"]);
    expect(printsOf(app, "ent_deal").map((one) => one.id)).toEqual(["prt_one", "prt_two"]);
    expect(printsOf(app, "ent_item")).toEqual([]);
  });

  it("are changed where they stand; one alone is the default", () => {
    const two = printsOf(app, "ent_deal")[1]!;
    const changed = withPrint(app, { ...two, html: "2", default: true });
    expect(printsOf(changed, "ent_deal").map((one) => [one.id, one.html, one.default])).toEqual([
      ["prt_one", "1", false],
      ["prt_two", "2", true],
    ]);
    expect(printsOf(app, "ent_deal")[0]!.default).toBe(true);
  });

  it("come back where they stood", () => {
    const one = printsOf(app, "ent_deal")[0]!;
    const without = withoutPrint(app, one.id);
    expect(placeOf(without, one.id)).toBe(-1);
    const back = withPrint(without, one, placeOf(app, one.id));
    expect(printsOf(back, "ent_deal")).toEqual(printsOf(app, "ent_deal"));
  });

  it("leave out what is blank", () => {
    const fresh = freshPrint("ent_deal", { en: "New" }, "<h1></h1>");
    const kept = (withPrint(app, { ...fresh, when: { src: "" } }).prints as Record<string, unknown>[]).at(-1)!;
    expect(Object.keys(kept).sort()).toEqual(["entity", "html", "id", "label", "page", "refs"]);
    expect(kept.id).toMatch(/^prt_[a-z0-9]{1,40}$/);
    expect(sameDefinition(fresh, { ...fresh, css: "" })).toBe(true);
    expect(sameDefinition(fresh, { ...fresh, css: "p{}" })).toBe(false);
  });
});

describe("names at a place of a template", () => {
  const text = "{% for line in record.items %}{% for part in line.parts %}A{% endfor %}B{% endfor %}C";

  it("follow the loops around it", () => {
    const at = (mark: string) => loopsAt(text, text.indexOf(mark));
    expect(at("A").map((one) => one.name)).toEqual(["line", "part"]);
    expect(at("B")).toEqual([{ name: "line", over: "record.items" }]);
    expect(at("C")).toEqual([]);
    expect(loopsAt("{% for a, b in x|dictsort %}{% endfor %}{% for l in record.items|sort(attribute='x') %}", 99)).toEqual([{ name: "l", over: "record.items" }]);
  });

  it("are those of the innermost rows first, links one step deep", async () => {
    const fields = new TemplateFields(source);
    const known = await fields.variables("ent_deal", loopsAt(text, text.indexOf("A")));
    expect([...known]).toEqual([
      ["record", "ent_deal"],
      ["line", "ent_item"],
      ["part", "ent_part"],
    ]);
    const names = await fields.names("ent_deal", loopsAt(text, text.indexOf("B")));
    expect(names.map((one) => one.path)).toEqual([
      "line.product",
      "line.price",
      "line.parts",
      "record.title",
      "record.amount",
      "record.account",
      "record.items",
      "record.stage",
      "record.account.phone",
    ]);
    const rows = names.find((one) => one.path === "record.items")!;
    expect(FITS.rows(rows.field)).toBe(true);
    expect(table(rows, FIELDS.ent_item!, ["line"]).text).toContain('{% for row in record.items %}\n<tr><td>{{ loop.index }}</td><td>{{ row.product }}</td><td class="number">{{ row.price }}</td></tr>');
  });

  it("become texts that say what was chosen", () => {
    const named = (path: string, one: NamedField) => ({ path, label: "", group: "", field: one });
    expect(forField("capital", named("record.amount", FIELDS.ent_deal![1]!)).text).toBe("{{ record.amount|rmbcap }}");
    expect(forField("value", named("part.photo", FIELDS.ent_part![0]!)).text).toBe("{{ image(part.photo, height=40) }}");
    const condition = forField("condition", named("record.stage", FIELDS.ent_deal![4]!));
    expect(condition.text).toBe('{% if record.stage == "Won" %}\n\n{% endif %}\n');
    expect(condition.text.slice(condition.caret)).toBe("\n{% endif %}\n");
  });
});

describe("colours of a template", () => {
  it("keep what is code apart from tags and comments", () => {
    const text = '<p class="a">{{ qr(record.no, 25)|upper }}{# not <b> {{ x }} #}</p>';
    const seen = tokensOf(text).map((one) => [one.kind, text.slice(one.from, one.to)]);
    expect(seen).toEqual([
      ["tag", '<p class="a">'],
      ["code", "{{ qr(record.no, 25)|upper }}"],
      ["call", "qr"],
      ["number", "25"],
      ["call", "upper"],
      ["comment", "{# not <b> {{ x }} #}"],
      ["tag", "</p>"],
    ]);
  });
});
