import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { BulkOperation, RecordRow, Values } from "@/api/types";
import { useGridEdits } from "@/runtime/list/useGridEdits";

import { answer, entity, field } from "./sample";

const sent = vi.fn<(operation: BulkOperation) => void>();
let row: RecordRow;

/** A server that keeps one record and takes a moment for each write. */
function serve(): void {
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    const [operation] = (JSON.parse(String(init.body)) as { operations: BulkOperation[] }).operations as [BulkOperation];
    await new Promise((resolve) => setTimeout(resolve, 5));
    sent(operation);
    if (operation.rev !== kept.rev) return answer({ results: [{ status: "refused", findings: [{ code: "R320", place: "/rev", text: "changed", severity: "error" }] }] });
    kept = { rev: kept.rev + 1, values: { ...kept.values, ...(operation as { values: Values }).values } };
    return answer({ results: [{ status: "done", id: "a", rev: kept.rev }] });
  });
}
let kept: { rev: number; values: Values };

function edits() {
  return useGridEdits(
    () => ({ app: "crm", entity: entity([field("name", "text")]) }),
    async () => {
      await Promise.resolve();
      row = { id: "a", ...kept };
    },
  );
}
const change = (value: string) => [{ id: "a", rev: row.rev, before: { name: row.values.name! }, after: { name: value } }];

describe("edits in the table, faster than the server", () => {
  beforeEach(() => {
    sent.mockReset();
    kept = { rev: 1, values: { name: "first" } };
    row = { id: "a", ...kept };
    serve();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("are written, undone and done again one after the other", async () => {
    const grid = edits();
    await Promise.all([grid.write(change("second")), grid.undo(), grid.redo()]);
    expect(sent.mock.calls.map(([one]) => (one as { values: Values }).values.name)).toEqual(["second", "first", "second"]);
    expect(kept).toEqual({ rev: 4, values: { name: "second" } });
  });

  it("know what was on its way before them", async () => {
    const grid = edits();
    await Promise.all([grid.write(change("second")), grid.write(change("third"))]);
    await grid.undo();
    expect(kept.values.name).toBe("second");
    await grid.undo();
    expect(kept.values.name).toBe("first");
  });

  it("show what was written last all the way", async () => {
    const grid = edits();
    const seen = new Set<unknown>();
    const both = Promise.all([grid.write(change("second")), grid.write(change("third"))]);
    const watch = setInterval(() => seen.add(grid.shown(row).values.name), 1);
    await both;
    clearInterval(watch);
    seen.add(grid.shown(row).values.name);
    expect([...seen]).toEqual(["third"]);
    expect(grid.stateOf(row, "name")).toBeUndefined();
  });
});
