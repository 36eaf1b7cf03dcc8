import { describe, expect, it } from "vitest";

import type { ImportPlan } from "@/api/imports";
import type { DashboardMeta, HistoryEntry, TaskSummary, TimelineEntry } from "@/api/types";
import { setLang } from "@/i18n";
import { placeWidgets } from "@/runtime/dashboard/layout";
import { readFilters } from "@/runtime/dashboard/filters";
import { pastedTable, planErrors, titleOfFile } from "@/runtime/imports/table";
import { draftKey, readDraft, writeDraft } from "@/runtime/record/drafts";
import { errorsUnder, messagesOf, placeFindings } from "@/runtime/record/findings";
import { activityOf } from "@/runtime/record/history";
import { statusField } from "@/runtime/record/status";
import { deviceName } from "@/runtime/settings/device";
import { mergeLabels } from "@/runtime/shared/labels";
import { amountOf } from "@/runtime/tasks/amount";
import { byDeadline, dueGroup, lengthOf } from "@/runtime/tasks/due";
import { stepItems, worthTelling } from "@/runtime/tasks/states";

import { entity, field } from "./sample";

const finding = (place: string) => ({ code: "c", place, text: place || "all" });

describe("findings", () => {
  const known = (key: string) => ["name", "contacts"].includes(key);

  it("find their field, also inside rows and bulk operations", () => {
    const { placed, general } = placeFindings(["/name", "/contacts/2/phone", "/operations/4/values/name", "/values/name", "/contacts/1", "/gone", ""].map(finding), known);
    expect(placed.map(({ field: key, row, column }) => [key, row, column])).toEqual([
      ["name", undefined, undefined],
      ["contacts", 2, "phone"],
      ["name", undefined, undefined],
      ["name", undefined, undefined],
      ["contacts", 1, undefined],
    ]);
    expect(general.map((item) => item.place)).toEqual(["/gone", ""]);
  });

  it("are handed to a sub-table by the path below it", () => {
    const { placed } = placeFindings(["/contacts/2/phone", "/contacts/2/phone", "/name"].map(finding), known);
    const messages = messagesOf(placed);
    expect(errorsUnder(messages, "contacts")).toEqual({ "2/phone": "/contacts/2/phone\n/contacts/2/phone" });
    expect(errorsUnder(messages, "name")).toBeUndefined();
  });
});

describe("a dashboard", () => {
  const widget = (id: string, type = "bar") => ({ id, type, label: id });
  const board = (grid: DashboardMeta["grid"], ids: string[]): DashboardMeta => ({ id: "d", key: "d", label: "d", widgets: ids.map((id) => widget(id)), grid, filters: [] });

  it("reads from top left to bottom right and never falls off the grid", () => {
    const placed = placeWidgets(board([{ w: "b", x: 9, y: 0, width: 9, height: 2 }, { w: "a", x: 0, y: 0, width: 3, height: 2 }, { w: "ghost", x: 0, y: 0, width: 1, height: 1 }], ["a", "b"]));
    expect(placed.map((item) => [item.widget.id, item.column, item.row])).toEqual([
      ["a", "1 / span 3", "1 / span 2"],
      ["b", "4 / span 9", "1 / span 2"],
    ]);
  });

  it("puts a widget without a place below the others", () => {
    const placed = placeWidgets(board([{ w: "a", x: 0, y: 0, width: 12, height: 3 }], ["a", "lost"]));
    expect(placed[1]).toMatchObject({ column: "1 / span 12", row: "4 / span 8" });
  });

  it("takes from the address only filters it has", () => {
    const filters = [{ id: "owner", entity: "contract", field: "owner", control: "user" as const }];
    expect(readFilters('{"owner":["u1"],"x":1}', filters)).toEqual({ owner: ["u1"] });
    expect(readFilters("{", filters)).toEqual({});
    expect(readFilters(undefined, filters)).toEqual({});
  });
});

describe("tasks", () => {
  const now = Date.parse("2026-11-21T08:00:00Z");
  const end = Date.parse("2026-11-21T16:00:00Z");
  const due = (due_at: string | null) => dueGroup({ due_at }, now, end);

  it("are grouped by how much time is left", () => {
    expect([due("2026-11-21T07:59:00Z"), due("2026-11-21T15:00:00Z"), due("2026-11-23T00:00:00Z"), due("2026-12-01T00:00:00Z"), due(null), due("junk")]).toEqual([
      "late",
      "today",
      "soon",
      "later",
      "none",
      "none",
    ]);
  });

  it("come nearest deadline first, none last", () => {
    const task = (id: string, due_at: string | null, created_at: string) => ({ id, due_at, created_at }) as TaskSummary;
    const sorted = [task("c", null, "1"), task("b", "2026-02-01", "1"), task("a", "2026-01-01", "2"), task("d", null, "0")].sort(byDeadline);
    expect(sorted.map((item) => item.id)).toEqual(["a", "b", "d", "c"]);
  });

  it("say a length of time in its largest unit", async () => {
    expect(lengthOf(5 * 3_600_000)).toBe("5小时");
    expect(lengthOf(20)).toBe("1分钟");
    await setLang("en");
    expect(lengthOf(2 * 86_400_000)).toBe("2 days");
    await setLang("zh-CN");
  });

  it("show the amount large, told by type or by its sign", () => {
    const fact = (text: string, type?: string) => ({ label: "l", text, type });
    expect(amountOf([fact("甲", "text"), fact("¥1", "currency")])?.text).toBe("¥1");
    expect(amountOf([fact("甲"), fact("¥9.00")])?.text).toBe("¥9.00");
    expect(amountOf([fact("¥1", "text")])).toBeUndefined();
  });

  it("name who is at a step and leave out those it was taken from", () => {
    const [step] = stepItems([{ id: "s", label: "会签", state: "current", people: [{ id: "1", name: "赵敏", state: "approved" }, { id: "2", name: "钱伟", state: "open" }, { id: "3", name: "孙悦", state: "cancelled" }] }]);
    expect(step?.hint).toBe("赵敏 已同意、钱伟 待处理");
  });
});

describe("the activity of a record", () => {
  const line = (kind: string, at: string, more: Partial<TimelineEntry> = {}): TimelineEntry => ({ at, kind, actor: { id: "u", name: "王芳" }, node: null, ...more });
  const change = (id: string, at: string, field_key: string): HistoryEntry => ({ id, at, actor: null, action: "update", changes: [{ field: field_key, before: null, after: "x" }] });

  it("tells acts of people and the end, not the engine's own steps", () => {
    expect(["started", "approved", "rejected", "withdrawn", "comment"].every((kind) => worthTelling(line(kind, "1")))).toBe(true);
    expect(["seated", "branch", "written", "decided", "joined", "notified"].some((kind) => worthTelling(line(kind, "1")))).toBe(false);
    expect(worthTelling(line("ended", "1", { result: "approved" }))).toBe(true);
    expect(worthTelling(line("returned", "1", { actor: { id: "system:flow", name: "" } }))).toBe(false);
  });

  it("is one story, newest first, without the bookkeeping of a run", () => {
    const items = activityOf([change("1", "2026-01-01", "stage"), change("2", "2026-01-03", "flow_state")], { startable: [], instances: [{ id: "i", flow: { key: "f", label: "审批" }, state: "approved", timeline: [line("started", "2026-01-02"), line("seated", "2026-01-02"), line("ended", "2026-01-04", { result: "approved" })] }] }, () => undefined);
    expect(items.map((item) => item.action)).toEqual(["ended", "started", "update"]);
  });
});

describe("imports", () => {
  it("take what was copied from a spreadsheet", async () => {
    const file = pastedTable('名称\t金额\r\n甲\t1,000\r\n"乙"\t2\r\n\r\n');
    expect(await file?.text()).toContain('名称,金额\r\n甲,"1,000"\r\n"""乙""",2');
    expect(pastedTable("only one line")).toBeNull();
  });

  it("write refused rows so that no spreadsheet runs them", () => {
    const plan: ImportPlan = { total: 1, create: 0, update: 0, unchanged: 0, errors: 1, rows: [{ row: 2, findings: [{ code: "x", place: "/name", text: "=HYPERLINK(1)" }] }] };
    expect(planErrors(plan, ["行", "字段", "原因"])).toBe("\ufeff行,字段,原因\r\n2,name,'=HYPERLINK(1)\r\n");
    expect(titleOfFile("2026 客户.v2.xlsx")).toBe("2026 客户.v2");
  });
});

describe("small things", () => {
  it("a status is a coloured choice that is called so", () => {
    const coloured = { options: { options: [{ id: "a", label: "a", color: "ok" }] } };
    expect(statusField(entity([field("level", "select", coloured), field("status", "select", coloured)]))?.key).toBe("status");
    expect(statusField(entity([field("level", "select", { ...coloured, label: { "zh-CN": "订单状态" } })]))?.key).toBe("level");
    expect(statusField(entity([field("level", "select", coloured)]))).toBeUndefined();
    expect(statusField(entity([field("status", "select")]))).toBeUndefined();
  });

  it("a device has a name people know", () => {
    expect(deviceName("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130.0 Safari/537 Edg/130")).toBe("Edge · Windows");
    expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8")).toBe("WeChat · iOS");
    expect(deviceName("")).toBe("?");
  });

  it("names of ids add up", () => {
    expect(mergeLabels({ user: { a: "1" } }, { user: { b: "2" }, account: { c: "3" } })).toEqual({ user: { a: "1", b: "2" }, account: { c: "3" } });
  });

  it("a browser without storage keeps no drafts and breaks nothing", async () => {
    expect(typeof indexedDB).toBe("undefined");
    expect(await readDraft(draftKey("u", "crm", "account", ""))).toBeUndefined();
    expect(await writeDraft({ key: "k", user: "u", values: {}, base: {}, labels: {}, rev: 1, at: 1 })).toBe(false);
    expect(draftKey("u", "crm", "account", "")).toBe("u/crm/account/new");
  });
});
