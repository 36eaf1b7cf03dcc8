import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";

import { viewOf } from "@/api/views";
import { castOf, draftOf, formOf, lacking, missing } from "@/runtime/list/viewDraft";
import { useViews } from "@/runtime/list/useViews";
import { viewKind } from "@/runtime/list/viewKinds";

import { answer, entity, field } from "./sample";

const model = entity([field("name", "text"), field("stage", "select"), field("due", "date"), field("logo", "image"), field("secret_stage", "select", { level: "masked" })]);

describe("saved views of a list", () => {
  const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
  const sent = (number: number) => {
    const [url, init] = fetched.mock.calls[number]!;
    return [init.method, url.replace(/^.*\/views/, ""), init.body ? (JSON.parse(String(init.body)) as unknown) : null];
  };
  const views = [viewOf({ id: "a", label: "All" }), viewOf({ id: "b", label: "Mine", scope: "mine" }), viewOf({ id: "c", label: "Board", kind: "kanban", scope: "shared", parts: { by: "stage", sum: "" } })];
  const opened = async () => {
    const store = effectScope().run(() => useViews(() => "crm", () => model, () => ""))!;
    await store.load();
    return store;
  };
  beforeEach(() => {
    fetched.mockReset().mockResolvedValueOnce(answer({ views, choice: { default: "b", order: ["c", "a"] } }));
    vi.stubGlobal("fetch", fetched);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("stand as this person put them and open with the one they chose", async () => {
    const store = await opened();
    expect(store.views.value.map((view) => view.id)).toEqual(["c", "a", "b"]);
    expect(store.current.value?.id).toBe("b");
  });

  it("keep the personal choice apart from the view itself", async () => {
    const store = await opened();
    fetched.mockResolvedValueOnce(answer({ choice: { default: "a", order: ["c", "a"] } }));
    await store.openWith("a");
    expect(sent(1)).toEqual(["PUT", "/choice", { default: "a" }]);
    expect(store.current.value?.id).toBe("a");
    fetched.mockResolvedValueOnce(answer({ choice: { default: "a", order: ["c", "b", "a"] } }));
    await store.move("b", -1);
    expect(sent(2)).toEqual(["PUT", "/choice", { order: ["c", "b", "a"] }]);
    await store.move("c", -1);
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  it("come back as they were when deleting one is taken back", async () => {
    const store = await opened();
    fetched.mockResolvedValueOnce(new Response(null, { status: 204 }));
    const back = await store.remove(views[1]!);
    expect(store.views.value.map((view) => view.id)).toEqual(["c", "a"]);
    fetched.mockResolvedValueOnce(answer({ view: { ...views[1], id: "n" } }, 201)).mockResolvedValueOnce(answer({ choice: { default: "n", order: ["c", "a", "n"] } }));
    expect((await back()).id).toBe("n");
    expect(sent(2)).toEqual(["POST", "", draftOf(views[1]!)]);
    expect(sent(3)).toEqual(["PUT", "/choice", { order: ["c", "a", "n"], default: "n" }]);
    expect(store.current.value?.id).toBe("n");
  });

  it("leave out what is not played when made once more", () => {
    expect(draftOf(views[2]!)).toMatchObject({ label: "Board", kind: "kanban", parts: { by: "stage" }, shared: true });
    expect(draftOf(views[2]!)).not.toHaveProperty("default");
    expect(formOf(views[2], true)).toEqual({ label: "Board", kind: "kanban", parts: { by: "stage" }, options: {}, shared: true, first: true });
  });
});

describe("kinds of views", () => {
  it("are made from fields that fit, the needed ones chosen", () => {
    expect(castOf(viewKind("kanban"), model, {})).toEqual({ by: "stage" });
    expect(castOf(viewKind("calendar"), model, { color: "stage", start: "name" })).toEqual({ start: "due", color: "stage" });
    expect(castOf(viewKind("gallery"), model, {})).toEqual({ cover: "logo" });
  });

  it("say what they lack", () => {
    expect(lacking(viewKind("tree"), model).map((part) => part.name)).toEqual(["parent"]);
    expect(lacking(viewKind("kanban"), model)).toEqual([]);
    expect(missing(viewKind("kanban"), {}).map((part) => part.name)).toEqual(["by"]);
    expect(missing(viewKind("table"), {})).toEqual([]);
  });
});
