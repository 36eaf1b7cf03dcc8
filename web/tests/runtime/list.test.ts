import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";

import { cardKeys, columnKeys, withKeys } from "@/runtime/list/columns";
import { quickOperator } from "@/runtime/list/quick";
import { readListState, writeListState } from "@/runtime/list/urlState";
import { useRecordPages } from "@/runtime/list/useRecordPages";
import { defaultView } from "@/runtime/list/useViews";
import { around, leaveTrail, listAddress, neighbours, noteOpened, lastOpened } from "@/runtime/list/walk";
import { viewOf } from "@/api/views";

import { answer, entity, field } from "./sample";

const model = entity([field("name", "text"), field("stage", "select"), field("contacts", "subtable"), field("note", "textarea"), field("created_at", "datetime", { id: "sys_created_at", system: true })]);

describe("the address of a list", () => {
  it("holds view, filter, order and search, and reads them back", () => {
    const state = { view: "v1", filter: ["=", "a", 1], sort: [{ field: "a", dir: "desc" as const }], group: [{ field: "at", grain: "month" as const, desc: true }, { field: "stage" }], search: "杭州", trashed: false };
    const query = Object.fromEntries(Object.entries(writeListState(state)).map(([key, value]) => [key, String(value)]));
    expect(query).toEqual({ v: "v1", f: '["=","a",1]', s: "-a", g: "-at:month,stage", q: "杭州" });
    expect(readListState(query)).toEqual(state);
  });

  it("tells no filter from the view's filter", () => {
    expect(writeListState({ view: "", filter: null, sort: undefined, group: undefined, search: "", trashed: true })).toEqual({ f: "", trash: "1" });
    expect(readListState({ f: "" }).filter).toBeNull();
    expect(readListState({}).filter).toBeUndefined();
  });

  it("falls back to the view when it was cut off", () => {
    expect(readListState({ f: '["=","na' }).filter).toBeUndefined();
    expect(readListState({ f: "7" }).filter).toBeUndefined();
  });
});

describe("columns", () => {
  it("begin with the title and leave out what cannot be one", () => {
    expect(columnKeys(model, ["stage", "contacts", "gone", "fld_note"])).toEqual(["name", "stage", "note"]);
    expect(columnKeys(model, [])).toEqual(["name", "stage"]);
    expect(cardKeys(model, viewOf({ id: "v", label: "v", card: ["stage"] }), ["note"])).toEqual(["name", "stage"]);
  });

  it("turn ids in a filter into keys, deep down", () => {
    expect(withKeys(model, ["and", ["=", "fld_stage", "x"], ["not", ["blank", "sys_created_at"]], ["expr", "1=1"]])).toEqual([
      "and",
      ["=", "stage", "x"],
      ["not", ["blank", "created_at"]],
      ["expr", "1=1"],
    ]);
    expect(withKeys(model, ["and", ["and", ["=", "name", "a"], ["=", "fld_stage", "b"]], ["=", "name", "c"]])).toEqual([
      "and",
      ["=", "name", "a"],
      ["=", "stage", "b"],
      ["=", "name", "c"],
    ]);
  });

  it("open with the view this person chose, then a shared one, then the application's", () => {
    const views = [viewOf({ id: "a", label: "a", default: true }), viewOf({ id: "m", label: "m", scope: "mine" }), viewOf({ id: "s", label: "s", scope: "shared", default: true })];
    expect(defaultView(views, "m")?.id).toBe("m");
    expect(defaultView(views, "gone")?.id).toBe("s");
    expect(defaultView(views.filter((view) => view.id !== "s"))?.id).toBe("a");
    expect(defaultView([])).toBeUndefined();
  });
});

describe("pages of records", () => {
  const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
  const rows = (...ids: string[]) => ids.map((id) => ({ id, rev: 1, values: {} }));
  let search = "";
  const open = () => effectScope().run(() => useRecordPages(() => ({ app: "crm", entity: "account" }), () => ({ search })))!;
  beforeEach(() => {
    fetched.mockReset();
    search = "";
    vi.stubGlobal("fetch", fetched);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("are asked for one after the other, each row once", async () => {
    fetched
      .mockResolvedValueOnce(answer({ records: rows("a", "b"), next_cursor: "c1", count: 3, labels: { user: { u: "王" } } }))
      .mockResolvedValueOnce(answer({ records: rows("b", "c"), next_cursor: "", count: null, labels: { user: { v: "李" } } }));
    const pages = open();
    await pages.load();
    await pages.more();
    await pages.more();
    expect(pages.rows.value.map((row) => row.id)).toEqual(["a", "b", "c"]);
    expect(pages.labels.value).toEqual({ user: { u: "王", v: "李" } });
    expect(pages.count.value).toBe(3);
    expect(pages.ended.value).toBe(true);
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(fetched.mock.calls[0]![0]).toContain("count=capped");
    expect(fetched.mock.calls[1]![0]).toContain("cursor=c1");
  });

  it("drop a slow answer to an old question", async () => {
    let late: (response: Response) => void = () => undefined;
    fetched.mockImplementationOnce(() => new Promise((done) => (late = done))).mockResolvedValueOnce(answer({ records: rows("new"), next_cursor: "", count: 1, labels: {} }));
    const pages = open();
    const first = pages.load();
    search = "x";
    await pages.load();
    late(answer({ records: rows("old"), next_cursor: "", count: 9, labels: {} }));
    await first;
    expect(pages.rows.value.map((row) => row.id)).toEqual(["new"]);
    expect(pages.count.value).toBe(1);
    expect(pages.loading.value).toBe(false);
  });

  it("keep the rows when a further page fails, and can go on", async () => {
    fetched
      .mockResolvedValueOnce(answer({ records: rows("a"), next_cursor: "c", count: 2, labels: {} }))
      .mockResolvedValueOnce(answer({ status: 503 }, 503))
      .mockResolvedValueOnce(answer({ records: rows("b"), next_cursor: "", count: null, labels: {} }));
    const pages = open();
    await pages.load();
    await pages.more();
    expect(pages.error.value).toMatchObject({ status: 503 });
    expect(pages.rows.value).toHaveLength(1);
    await pages.more();
    expect(pages.error.value).toBeNull();
    expect(pages.rows.value).toHaveLength(2);
  });

  it("forget removed rows and count along", async () => {
    fetched.mockResolvedValueOnce(answer({ records: rows("a", "b"), next_cursor: "", count: 2, labels: {} }));
    const pages = open();
    await pages.load();
    pages.remove(["a", "zz"]);
    expect(pages.rows.value.map((row) => row.id)).toEqual(["b"]);
    expect(pages.count.value).toBe(1);
  });
});

describe("the trail through a list", () => {
  beforeEach(() => sessionStorage.clear());

  it("knows the neighbours, the list one came from and the row last seen", () => {
    leaveTrail({ app: "crm", entity: "account", from: "/crm/account?q=x", ids: ["a", "b", "c"] }, "b");
    expect(neighbours("crm", "account", "b")).toMatchObject({ previous: "a", next: "c", position: 2, total: 3 });
    expect(neighbours("crm", "account", "a")?.previous).toBeNull();
    expect(neighbours("crm", "lead", "b")).toBeNull();
    expect(listAddress("crm", "account")).toBe("/crm/account?q=x");
    expect(listAddress("crm", "lead")).toBe("/crm/lead");
    noteOpened("crm", "account", "c");
    expect(lastOpened("crm", "account")).toBe("c");
  });

  it("stays short around the opened record", () => {
    const ids = Array.from({ length: 2000 }, (_, index) => `r${index}`);
    const kept = around(ids, "r1500", 500);
    expect(kept).toHaveLength(500);
    expect(kept).toContain("r1500");
    expect(around(ids, "r0", 500)[0]).toBe("r0");
    expect(around(ids, "r1999", 500).at(-1)).toBe("r1999");
  });

  it("survives rubbish in the storage", () => {
    sessionStorage.setItem("dougong.trail", "{broken");
    expect(neighbours("crm", "account", "a")).toBeNull();
  });
});

describe("quick filters", () => {
  const all = ["=", "<>", "<", ">", "between", "in", "contains", "has_any"];
  const asked = (type: string, operators: readonly string[] = all): string | undefined => quickOperator(field("x", type, { operators: [...operators] }));

  it("ask for days and figures as a span, for choices as several, for text as a part of it", () => {
    const plain = all.filter((one) => one !== "has_any");
    expect(["date", "datetime", "number", "currency"].map((type) => asked(type, plain.filter((one) => one !== "contains")))).toEqual(["between", "between", "between", "between"]);
    expect(["select", "user", "link_one"].map((type) => asked(type, plain))).toEqual(["in", "in", "in"]);
    expect(asked("text", plain)).toBe("contains");
    expect(asked("switch")).toBe("=");
  });
});
