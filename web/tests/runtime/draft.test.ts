import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, shallowRef, type EffectScope } from "vue";

import type { Labels } from "@/api/types";
import { thisDevice } from "@/runtime/record/device";
import * as store from "@/runtime/record/drafts";
import { useDraft, type DraftKeeper } from "@/runtime/record/useDraft";
import { useRecord, type RecordEditor } from "@/runtime/record/useRecord";

import { answer, ctx, entity, field } from "./sample";

const model = entity([field("name", "text"), field("amount", "currency"), field("seen", "text", { level: "read" })]);
const kept = new Map<string, store.Draft>();
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
let scope: EffectScope;
let editor: RecordEditor;
let draft: DraftKeeper;
let onServer: unknown = null;

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  onServer = null;
  vi.spyOn(store, "readDraft").mockImplementation(async (key) => kept.get(key));
  vi.spyOn(store, "writeDraft").mockImplementation(async (one) => (kept.set(one.key, one), true));
  vi.spyOn(store, "dropDraft").mockImplementation(async (key) => kept.delete(key));
  vi.spyOn(store, "expireDrafts").mockResolvedValue(0);
  fetched.mockReset();
  fetched.mockImplementation(async (_url, init) => {
    if (init.method === "PUT") return answer({ at: "2026-11-22T06:32:00.000000Z" });
    return answer(init.method === "GET" ? { draft: onServer } : {});
  });
  vi.stubGlobal("fetch", fetched);
  scope = effectScope();
  scope.run(() => {
    const labels = shallowRef<Labels>({});
    editor = useRecord({ app: () => "crm", entity: () => model, ctx, labels });
    editor.begin();
    draft = useDraft(editor, labels, () => ({ app: "crm", entity: "account", id: "" }));
  });
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const calls = (method: string) => fetched.mock.calls.filter(([, init]) => init.method === method);
const other = { at: "2026-11-22T06:32:00.000000Z", rev: 0, device: { id: "phone", name: "Safari · iPhone" }, values: { name: "手机上写的" }, base: {}, labels: {}, left: [] };

describe("unsaved work", () => {
  it("is kept on the device at once and on the server soon after", async () => {
    editor.set("name", "甲");
    await vi.advanceTimersByTimeAsync(800);
    expect([...kept.values()][0]).toMatchObject({ values: { name: "甲" }, fields: { name: { id: "fld_name", type: "text" } } });
    expect(calls("PUT")).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(4_100);
    expect(JSON.parse(String(calls("PUT")[0]![1].body))).toMatchObject({ values: { name: "甲" }, rev: 0, device: { id: thisDevice().id } });
    expect(draft.sent.value).toBe(true);
    await draft.drop();
    expect([kept.size, calls("DELETE").length]).toEqual([0, 1]);
  });

  it("survives a change of the fields, and says what it could not take over", async () => {
    editor.set("name", "甲");
    await vi.advanceTimersByTimeAsync(800);
    const [key, one] = [...kept][0]!;
    const fields = { old: { id: "fld_gone", type: "text", label: "旧字段" }, title: { id: "fld_name", type: "text", label: "名称" }, sum: { id: "fld_amount", type: "text", label: "金额" }, seen: { id: "fld_seen", type: "text", label: "看" } };
    kept.set(key, { ...one, values: { old: "x", title: "改名前", sum: "12", seen: "y" }, fields });
    editor.reset();
    expect(await draft.restore()).toBe(true);
    expect(editor.changes.value).toEqual({ name: "改名前" });
    expect(draft.left.value.map((item) => [item.label, item.value, item.reason])).toEqual([["旧字段", "x", "gone"], ["金额", "12", "retyped"], ["看", "y", "locked"]]);
  });

  it("on another device is offered, not forced upon the form", async () => {
    onServer = other;
    expect(await draft.restore()).toBe(false);
    expect(editor.dirty.value).toBe(false);
    expect(draft.elsewhere.value?.device.name).toBe("Safari · iPhone");
    expect(await draft.adoptElsewhere()).toBe(true);
    expect(editor.values.name).toBe("手机上写的");
  });

  it("of this device comes back from the server when the browser forgot it", async () => {
    onServer = { ...other, device: thisDevice(), left: [{ label: "旧", value: 1, reason: "gone" }] };
    expect(await draft.restore()).toBe(true);
    expect(editor.changes.value).toEqual({ name: "手机上写的" });
    expect(draft.left.value).toHaveLength(1);
  });

  it("goes on without the server", async () => {
    fetched.mockRejectedValue(new TypeError("offline"));
    expect(await draft.restore()).toBe(false);
    editor.set("name", "甲");
    await vi.advanceTimersByTimeAsync(6_000);
    await flushPromises();
    expect(kept.size).toBe(1);
    expect(draft.sent.value).toBe(false);
  });
});
