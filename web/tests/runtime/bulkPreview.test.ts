import { afterEach, describe, expect, it, vi } from "vitest";

import type { BulkOperation, Finding } from "@/api/types";
import { asked } from "@/kit/confirm";
import { toasts } from "@/kit/toast";
import { previewOf, reasonLines } from "@/runtime/list/bulkPreview";
import { useBulk } from "@/runtime/list/useBulk";

import { answer, entity, field } from "./sample";

const finding = (text: string): Finding => ({ code: "R308", place: "/id", text, severity: "error" });
const drop = (...ids: string[]): BulkOperation[] => ids.map((id) => ({ op: "delete", id, rev: 1 }));
const refused = (text: string) => ({ status: "refused", findings: [finding(text)] });

describe("what many writes would come to", () => {
  it("is told apart: what is done, what is not, and why, the commonest reason first", () => {
    const preview = previewOf(drop("a", "b", "c", "d"), [{ id: "a", rev: 2 }, refused("changed"), refused("still linked"), refused("still linked")]);
    expect(preview.good.map((one) => one.id)).toEqual(["a"]);
    expect(preview.blocked).toBe(3);
    expect(reasonLines(preview)).toEqual(["2 条：still linked", "1 条：changed"]);
  });
});

describe("deleting many", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("deletes what can be deleted, after saying what cannot", async () => {
    const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
    vi.stubGlobal("fetch", fetched);
    fetched
      .mockResolvedValueOnce(answer({ results: [{ status: "done", id: "a", rev: 2 }, refused("still linked"), { status: "done", id: "c", rev: 2 }] }))
      .mockResolvedValueOnce(answer({ results: [{ status: "done", id: "a", rev: 2 }, { status: "done", id: "c", rev: 2 }] }));
    const bulk = useBulk(() => "crm", () => entity([field("name", "text")]), () => undefined);
    const done = bulk.remove(["a", "b", "c"].map((id) => ({ id, rev: 1, values: {} })), (row) => row.id);
    await vi.waitFor(() => expect(asked.value).not.toBeNull());
    expect(asked.value!.question.items).toEqual(["1 条：still linked"]);
    asked.value!.answer(true);
    expect(await done).toBe(true);
    const [first, second] = fetched.mock.calls.map(([, init]) => JSON.parse(String(init.body)) as { operations: BulkOperation[]; preview?: boolean });
    expect(first).toEqual({ operations: drop("a", "b", "c"), preview: true });
    expect(second!.operations.map((one) => one.id)).toEqual(["a", "c"]);
    expect(toasts.at(-1)?.action).toBeDefined();
  });
});
