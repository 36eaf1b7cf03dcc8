import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, shallowRef, type EffectScope } from "vue";

import type { Labels } from "@/api/types";
import { useRecord, type RecordEditor } from "@/runtime/record/useRecord";

import { answer, ctx, entity, field } from "./sample";

const fields = [
  field("name", "text", { required: true, options: { max_length: 10 } }),
  field("amount", "currency", { options: { scale: 2, min: "0" } }),
  field("secret", "text", { level: "read" }),
  field("level", "select", { default: "b", options: { options: [{ id: "a", label: "A" }, { id: "b", label: "B" }] } }),
  field("contacts", "subtable", { options: { entity: "contact" } }),
];
const model = entity(fields);
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const body = (call: number) => JSON.parse(String(fetched.mock.calls[call]![1].body)) as { rev?: number; values: Record<string, unknown> };
const stored = { id: "r1", rev: 3, values: { name: "甲", amount: "100.00", secret: "s", level: "a", contacts: [{ id: "c1", name: "x" }] } };

let scope: EffectScope;
let editor: RecordEditor;
beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  scope = effectScope();
  editor = scope.run(() => useRecord({ app: () => "crm", entity: () => model, ctx, labels: shallowRef<Labels>({}) }))!;
});
afterEach(() => {
  scope.stop();
  vi.unstubAllGlobals();
});

async function loaded(): Promise<void> {
  fetched.mockResolvedValueOnce(answer({ record: stored, labels: {}, levels: { secret: "read" }, actions: ["update"] }));
  await editor.load("r1");
}

describe("a stored record", () => {
  it("is unchanged until a value differs, in any writing of the same value", async () => {
    await loaded();
    expect(editor.dirty.value).toBe(false);
    editor.set("amount", "100");
    expect(editor.dirty.value).toBe(false);
    editor.set("amount", "100.01");
    expect(editor.changes.value).toEqual({ amount: "100.01" });
  });

  it("sends only what changed, with its revision, and never what may only be read", async () => {
    await loaded();
    editor.set("name", "乙");
    editor.set("secret", "hacked");
    fetched.mockResolvedValueOnce(answer({ record: { ...stored, rev: 4, values: { ...stored.values, name: "乙" } }, labels: {} }));
    expect(await editor.save()).toBe("saved");
    expect(body(1)).toEqual({ rev: 3, values: { name: "乙" } });
    expect(editor.rev.value).toBe(4);
    expect(editor.dirty.value).toBe(false);
    expect(editor.actions.value).toEqual(["update"]);
  });

  it("does not bother the server when nothing changed or something is plainly wrong", async () => {
    await loaded();
    expect(await editor.save()).toBe("unchanged");
    editor.set("name", "");
    expect(await editor.save()).toBe("invalid");
    editor.set("name", "一二三四五六七八九十十一");
    expect(await editor.save()).toBe("invalid");
    editor.set("name", "甲");
    editor.set("amount", "-1");
    expect(await editor.save()).toBe("invalid");
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it("says what is missing only once one tried to save", async () => {
    await loaded();
    const name = model.field("name")!;
    editor.set("name", "");
    editor.touch("name");
    expect(editor.complaintOf(name)).toBeNull();
    await editor.save();
    expect(editor.complaintOf(name)).not.toBeNull();
  });

  it("puts the server's findings on their fields and takes them off when the field changes", async () => {
    await loaded();
    editor.set("name", "丙");
    fetched.mockResolvedValueOnce(
      answer(
        {
          status: 422,
          findings: [
            { code: "u", place: "/name", text: "有重名" },
            { code: "p", place: "/contacts/0/phone", text: "电话不对" },
            { code: "g", place: "", text: "整体不行" },
          ],
        },
        422,
      ),
    );
    expect(await editor.save()).toBe("invalid");
    expect(editor.messages.value).toEqual({ name: ["有重名"], "contacts/0/phone": ["电话不对"] });
    expect(editor.general.value.map((item) => item.text)).toEqual(["整体不行"]);
    editor.set("contacts", []);
    editor.set("name", "丁");
    expect(editor.messages.value).toEqual({});
  });
});

describe("a clash", () => {
  const stale = { status: 409, conflict: { rev: 9, fields: {} } };
  const latest = (values: Record<string, unknown>) => answer({ record: { id: "r1", rev: 9, values: { ...stored.values, ...values } }, labels: {} });
  const saved = () => answer({ record: { ...stored, rev: 10 }, labels: {} });

  async function clashing(): Promise<void> {
    await loaded();
    editor.set("name", "乙");
    editor.set("amount", "5.00");
    fetched.mockResolvedValueOnce(answer(stale, 409)).mockResolvedValueOnce(latest({ name: "丙" }));
    expect(await editor.save()).toBe("conflict");
  }

  it("shows both values and saves the choice over the newest revision", async () => {
    await clashing();
    expect(editor.clash.value?.items).toMatchObject([{ id: "name", mine: "乙", theirs: "丙", base: "甲" }]);
    fetched.mockResolvedValueOnce(saved());
    expect(await editor.merge({ name: "乙" })).toBe("saved");
    expect(body(3)).toEqual({ rev: 9, values: { name: "乙", amount: "5.00" } });
  });

  it("keeps theirs without writing it again, and my other changes", async () => {
    await clashing();
    fetched.mockResolvedValueOnce(saved());
    await editor.merge({ name: "丙" });
    expect(body(3)).toEqual({ rev: 9, values: { amount: "5.00" } });
  });

  it("writes nothing when nothing of mine is left", async () => {
    await loaded();
    editor.set("name", "乙");
    fetched.mockResolvedValueOnce(answer(stale, 409)).mockResolvedValueOnce(latest({ name: "丙" }));
    await editor.save();
    expect(await editor.merge({ name: "丙" })).toBe("saved");
    expect(fetched).toHaveBeenCalledTimes(3);
    expect(editor.values.name).toBe("丙");
  });

  it("asks nobody when the two changes do not touch", async () => {
    await loaded();
    editor.set("name", "乙");
    fetched.mockResolvedValueOnce(answer(stale, 409)).mockResolvedValueOnce(latest({ amount: "7.00" })).mockResolvedValueOnce(saved());
    expect(await editor.save()).toBe("saved");
    expect(body(3)).toEqual({ rev: 9, values: { name: "乙" } });
    expect(editor.taken.value.map((one) => one.key)).toEqual(["amount"]);
  });

  it("gives up when others are faster every time", async () => {
    await loaded();
    editor.set("name", "乙");
    for (let round = 0; round < 3; round += 1) fetched.mockResolvedValueOnce(answer(stale, 409)).mockResolvedValueOnce(latest({}));
    fetched.mockResolvedValueOnce(answer(stale, 409));
    expect(await editor.save()).toBe("failed");
    expect(editor.values.name).toBe("乙");
  });
});

describe("a new record", () => {
  it("starts with its defaults, unchanged, and sends them with what was filled in", async () => {
    editor.begin();
    expect(editor.dirty.value).toBe(false);
    expect(editor.values.level).toBe("b");
    editor.set("name", "新");
    expect(editor.dirty.value).toBe(true);
    fetched.mockResolvedValueOnce(answer({ record: stored, labels: {} }, 201));
    expect(await editor.save()).toBe("saved");
    expect(body(0)).toEqual({ values: { name: "新", level: "b" } });
  });

  it("uses the same intent when a lost answer makes one press again", async () => {
    editor.begin();
    editor.set("name", "新");
    fetched.mockRejectedValueOnce(new TypeError("lost"));
    expect(await editor.save()).toBe("failed");
    fetched.mockResolvedValueOnce(answer({ record: stored, labels: {} }, 201));
    await editor.save();
    const keys = fetched.mock.calls.map((call) => (call[1].headers as Headers).get("Idempotency-Key"));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});

it("earlier work continues over the state it began with", async () => {
  await loaded();
  editor.adopt({ name: "草稿" }, { ...stored.values, amount: "1.00" }, 2, {});
  expect(editor.rev.value).toBe(2);
  expect(editor.changes.value).toEqual({ name: "草稿" });
});
