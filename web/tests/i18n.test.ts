import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { addTexts, fmt, say, setLang, t, type Key } from "@/i18n";
import enShell from "@/i18n/en";
import enExpression from "@/i18n/expression.en.json";
import zhExpression from "@/i18n/expression.zh-CN.json";
import enLinks from "@/i18n/links.en.json";
import zhLinks from "@/i18n/links.zh-CN.json";
import enPrints from "@/i18n/prints.en.json";
import zhPrints from "@/i18n/prints.zh-CN.json";
import enViews from "@/i18n/views.en.json";
import zhViews from "@/i18n/views.zh-CN.json";
import zhShell from "@/i18n/zh-CN";

const en = { ...enShell, ...enExpression, ...enLinks, ...enPrints, ...enViews };
const zh = { ...zhShell, ...zhExpression, ...zhLinks, ...zhPrints, ...zhViews };

const SOURCE = join(import.meta.dirname, "../src");
const CATALOGUES = join(SOURCE, "i18n");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(ts|vue)$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

const code = sources(SOURCE).join("\n");
const literals = new Set([...code.matchAll(/["'`]([a-z]\w*(?:\.[\w-]+)+)["'`]/g)].map((found) => found[1]!));
/** `kit.step.${state}` uses every key that begins like it. */
const prefixes = [...code.matchAll(/`([a-z]\w*\.[\w.-]*)\$\{/g)].map((found) => found[1]!);
const withPlural = /\.one$/;
const placeholders = (text: string): string => [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort().join();

describe("catalogues", () => {
  it("have the same keys in both languages, sorted, none empty", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const name of readdirSync(CATALOGUES).filter((file) => file.endsWith(".json"))) {
      const keys = Object.keys(JSON.parse(readFileSync(join(CATALOGUES, name), "utf8")) as object);
      expect(keys, name).toEqual([...keys].sort());
    }
    for (const text of [...Object.values(zh), ...Object.values(en)]) expect(text.trim()).not.toBe("");
  });

  it("have the same placeholders", () => {
    const english = en as Record<string, string>;
    for (const [key, text] of Object.entries(zh)) {
      if (!withPlural.test(key)) expect(placeholders(english[key]!), key).toBe(placeholders(text));
    }
  });

  it("have no key nobody uses", () => {
    const unused = Object.keys(zh).filter(
      (key) => !withPlural.test(key) && !literals.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it("have every key that is asked for", () => {
    const areas = new Set(Object.keys(zh).map((key) => key.split(".")[0]));
    const asked = [...code.matchAll(/\bt\(\s*["']([\w.-]+)["']/g)].map((found) => found[1]!);
    expect(asked.filter((key) => areas.has(key.split(".")[0]) && !(key in zh))).toEqual([]);
    expect(prefixes.filter((prefix) => areas.has(prefix.split(".")[0]) && !Object.keys(zh).some((key) => key.startsWith(prefix)))).toEqual([]);
  });
});

describe("texts", () => {
  it("fill placeholders and take the singular where there is one", async () => {
    expect(t("kit.errorsTitle", { n: 1200 })).toBe("有 1,200 处需要修改");
    await setLang("en");
    expect(t("kit.errorsTitle", { n: 1 })).toBe("1 thing needs attention");
    expect(t("kit.errorsTitle", { n: 2 })).toBe("2 things need attention");
    expect(t("no.such.key" as Key)).toBe("no.such.key");
  });

  it("of a part come with it, once, and follow the language", async () => {
    await setLang("zh-CN");
    expect(t("expr.fields")).toBe("expr.fields");
    let loads = 0;
    const loaders = {
      "zh-CN": () => Promise.resolve({ default: { "expr.fields": `字段${(loads += 1)}` } }),
      en: () => Promise.resolve({ default: { "expr.fields": "Fields" } }),
    };
    await Promise.all([addTexts(loaders), addTexts(loaders)]);
    expect(t("expr.fields")).toBe("字段1");
    expect(t("kit.errorsTitle", { n: 2 })).toContain("2");
    await setLang("en");
    expect(t("expr.fields")).toBe("Fields");
  });

  it("of users fall back to another language", async () => {
    await setLang("en");
    expect(say({ "zh-CN": "客户" })).toBe("客户");
    expect(say({ "zh-CN": "客户", en: "Account" })).toBe("Account");
    expect(say("客户")).toBe("客户");
    expect(say(undefined)).toBe("");
  });
  afterAll(() => setLang("zh-CN"));
});

describe("formats", () => {
  it("keep every digit", () => {
    expect(fmt.number("12345678901234567890.10")).toBe("12,345,678,901,234,567,890.10");
    expect(fmt.number("abc")).toBe("abc");
  });

  it("show instants on the clock of the zone", () => {
    expect(fmt.dateTime("2026-11-21T16:30:00Z")).toBe("2026-11-22 00:30");
    expect(fmt.date("2026-11-21")).toBe("2026-11-21");
    expect(fmt.date("2026-11-21T16:30:00Z")).toBe("2026-11-22");
    expect(fmt.dateTime("soon")).toBe("soon");
  });

  it("say how long ago", () => {
    const now = Date.parse("2026-11-21T08:00:00Z");
    expect(fmt.relative("2026-11-21T07:57:00Z", now)).toBe("3分钟前");
    expect(fmt.relative("2026-08-01T00:00:00Z", now)).toBe("2026-08-01");
  });

  it("write sizes", () => {
    expect(fmt.size(482_113)).toBe("471 KB");
    expect(fmt.size(2_310_448)).toBe("2.2 MB");
  });
});
