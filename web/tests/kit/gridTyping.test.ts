import { enableAutoUnmount, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { effectScope, h, nextTick, ref } from "vue";

import KGrid from "@/kit/KGrid.vue";
import { useGridTicks } from "@/kit/gridTicks";

enableAutoUnmount(afterEach);

const rows = [
  { id: "a", name: "甲" },
  { id: "b", name: "乙" },
];

describe("typing into a cell", () => {
  const typed = vi.fn();
  async function focused() {
    typed.mockReset();
    const grid = mount(KGrid as never, {
      attachTo: document.body,
      props: { columns: [{ key: "name", label: "名称" }], rows, rowKey: (row: { id: string }) => row.id, label: "客户", cards: false, editable: () => true, selected: [], widths: {}, sort: [] } as never,
      slots: { editor: (slot: { typed: string | null }) => (typed(slot.typed), h("div", { class: "k-grid-editor editor" }, h("input", { class: "own" }))) } as never,
    });
    await nextTick();
    grid.find<HTMLElement>("[data-cell='0:0']").element.focus();
    await nextTick();
    await nextTick();
    const input = grid.find<HTMLInputElement>("[data-cell='0:0'] input");
    expect(document.activeElement).toBe(input.element);
    return { grid, input };
  }

  it("begins the editor with the key", async () => {
    const { input } = await focused();
    await input.trigger("keydown", { key: "x" });
    expect(typed).toHaveBeenCalledWith("x");
  });

  it("leaves the keys of an input method to it, and goes on with all it composed", async () => {
    const { grid, input } = await focused();
    await input.trigger("keydown", { key: "n", keyCode: 229 });
    await input.trigger("compositionstart");
    for (const text of ["n", "ni", "你"]) {
      input.element.value = text;
      await input.trigger("input");
    }
    await input.trigger("keydown", { key: "ArrowDown", isComposing: true });
    expect(typed).not.toHaveBeenCalled();
    expect(input.attributes("data-composing")).toBe("true");
    await input.trigger("compositionend");
    expect(typed).toHaveBeenCalledWith("你");
    expect(grid.find("[data-cell='0:0'] .editor").exists()).toBe(true);
  });

  it("gathers what is typed until the editor is there to take it", async () => {
    const { grid, input } = await focused();
    for (const key of ["G", "r", "i", "d"]) await input.trigger("keydown", { key });
    expect(typed).toHaveBeenLastCalledWith("Grid");
    expect(document.activeElement).toBe(input.element);
    await input.trigger("keydown", { key: "ArrowDown" });
    expect(document.activeElement).toBe(input.element);
    grid.find<HTMLInputElement>(".k-grid-editor input").element.focus();
    await nextTick();
    expect(grid.findAll("[data-cell='0:0'] input").map((one) => one.classes())).toEqual([["own"]]);
  });

  it("is given up before the editor is there", async () => {
    const { grid, input } = await focused();
    await input.trigger("keydown", { key: "x" });
    await input.trigger("keydown", { key: "Escape" });
    expect(grid.find(".k-grid-editor").exists()).toBe(false);
    await input.trigger("keydown", { key: "y" });
    expect(typed).toHaveBeenLastCalledWith("y");
  });

  it("takes signs an input method enters without composing, and a composition that is given up leaves nothing", async () => {
    const { input } = await focused();
    await input.trigger("compositionstart");
    await input.trigger("compositionend");
    expect(typed).not.toHaveBeenCalled();
    input.element.value = "，";
    await input.trigger("input");
    expect(typed).toHaveBeenCalledWith("，");
  });
});

describe("ticked rows", () => {
  const lines = { count: 3, at: (index: number) => ({ kind: "row" as const, key: String(index), row: index, depth: 0 }) };
  it("are ticked one by one, in runs and all at once", () => {
    const selected = ref<string[]>([]);
    const ticks = effectScope().run(() => useGridTicks(() => lines as never, selected, () => false))!;
    ticks.toggle(0, false);
    ticks.toggle(2, true);
    expect([selected.value, ticks.state.value, ticks.rows()]).toEqual([["0", "1", "2"], "some", [0, 1, 2]]);
    ticks.toggle(1, false);
    expect(selected.value).toEqual(["0", "2"]);
    ticks.toggleAll();
    expect([selected.value, ticks.state.value]).toEqual([[], "none"]);
    ticks.toggleAll();
    expect(selected.value).toEqual(["0", "1", "2"]);
  });
});
