import { afterAll, describe, expect, it } from "vitest";

import type { FieldMeta, Filter } from "@/api/types";
import { filterParts, filterWords, withoutPart } from "@/fields";
import { asOffered, offeredOperators } from "@/fields/operators";
import { resultCell } from "@/fields/types/formula";
import { context, fields } from "@/gallery/samples";
import { setLang } from "@/i18n";

const words = (filter: Filter): string => filterWords(filter, fields(), context);

describe("filters in words", () => {
  it.each<[Filter, string]>([
    [[">=", "amount", "500000"], "预计金额 ≥ ¥500,000.00"],
    [["in", "stage", ["won", "lost"]], "阶段 属于 赢单、输单"],
    [["=", "owner", "@me"], "负责人 是 当前用户"],
    [["=", "owner", "usr_2"], "负责人 是 李雷"],
    [["=", "close", { this: "quarter" }], "预计成交日期 是 本季度"],
    [["=", "close", { last: 30, unit: "day" }], "预计成交日期 是 最近 30 天"],
    [["within", "close", { this: "year" }], "预计成交日期 是 今年"],
    [["between", "amount", ["1000", "2000"]], "预计金额 介于 ¥1,000.00 – ¥2,000.00"],
    [["blank", "phone"], "电话 为空"],
    [["=", "hot", false], "高意向 是 否"],
    [["or", ["=", "hot", true], ["and", ["blank", "phone"], ["blank", "email"]]], "高意向 是 是 或 (电话 为空 且 邮箱 为空)"],
    [["not", ["blank", "phone"]], "不满足（电话 为空）"],
    [["=", "secret", "x"], "无法识别的条件（secret）"],
  ])("%j", (filter, sentence) => expect(words(filter)).toBe(sentence));

  it("speak of the words of a formula and of its money", () => {
    const own = (key: string, options: FieldMeta["options"]): FieldMeta => ({ id: key, key, type: "formula", label: { en: key, "zh-CN": key }, level: "read", operators: [], options });
    const grade = own("grade", { result: "text", options: [{ id: "A", label: { "zh-CN": "A 核心", en: "A core" }, color: "bad" }] });
    const worth = own("worth", { result: "number", scale: 2, currency: "CNY" });
    expect(filterWords(["in", "grade", ["A"]], [grade], context)).toBe("grade 属于 A 核心");
    expect(filterWords([">", "worth", "5"], [worth], context)).toBe("worth > ¥5.00");
    expect(resultCell(grade)).toBe("tag");
    expect(resultCell(own("late", { result: "boolean" }))).toBe("check");
  });

  it("come apart and lose one condition", () => {
    const filter: Filter = ["and", ["blank", "phone"], ["=", "hot", true]];
    expect(filterParts(filter)).toHaveLength(2);
    expect(withoutPart(filter, 0)).toEqual(["=", "hot", true]);
    expect(withoutPart(["=", "hot", true], 0)).toBeNull();
  });

  it("offer the likeliest comparison first and one word for a span", () => {
    expect(offeredOperators(["=", "<>", "contains", "blank"])).toEqual(["contains", "=", "<>", "blank"]);
    expect(offeredOperators(["=", "within", "between"])).toEqual(["=", "between"]);
    const span: Filter = ["and", ["within", "close", { this: "year" }], ["blank", "phone"]];
    expect(asOffered(span)).toEqual(["and", ["=", "close", { this: "year" }], ["blank", "phone"]]);
  });

  it("follow the language", async () => {
    await setLang("en");
    expect(words(["=", "close", { last: 1, unit: "month" }])).toBe("Expected close is last month");
    expect(words(["has_any", "tags", ["vip"]])).toBe("Tags has any of Key account");
  });
  afterAll(() => setLang("zh-CN"));
});
