import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";

import {
  accepted,
  KButton,
  KCheckbox,
  KDatePicker,
  KErrorSummary,
  KFormRow,
  KGrid,
  KMenu,
  KNumberInput,
  KPopover,
  KSegmented,
  KSelect,
  KSwitch,
  KTabs,
  useConfirm,
  useToast,
} from "@/kit";
import { asked } from "@/kit/confirm";
import KCombobox from "@/kit/KCombobox.vue";
import KOptionList from "@/kit/KOptionList.vue";
import { toasts } from "@/kit/toast";

const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/:rest(.*)*", component: { render: () => null } }] });
const mounted: VueWrapper[] = [];

function show(component: unknown, props: Record<string, unknown>, slots: Record<string, string> = {}): VueWrapper {
  const wrapper = mount(component as never, { props, slots, attachTo: document.body, global: { plugins: [router] } } as never) as VueWrapper;
  mounted.push(wrapper);
  return wrapper;
}
afterEach(() => {
  mounted.splice(0).forEach((wrapper) => wrapper.unmount());
});

describe("KButton", () => {
  it("does nothing while it is loading, but keeps the focus", async () => {
    const run = vi.fn();
    const wrapper = show(KButton, { loading: true, onClick: run }, { default: "保存" });
    await wrapper.trigger("click");
    expect(run).not.toHaveBeenCalled();
    expect(wrapper.attributes("disabled")).toBeUndefined();
    expect(wrapper.attributes("aria-busy")).toBe("true");
  });

  it("is a link when it leads somewhere", () => {
    expect(show(KButton, { to: "/x" }).element.tagName).toBe("A");
  });
});

describe("KNumberInput", () => {
  it("shows groups, edits plain digits, keeps every digit", async () => {
    const wrapper = show(KNumberInput, { modelValue: "12345678901234567890.12", scale: 2, label: "金额" });
    const input = wrapper.find("input");
    expect(input.element.value).toBe("12,345,678,901,234,567,890.12");
    await input.trigger("focus");
    expect(input.element.value).toBe("12345678901234567890.12");
  });

  it("reads 60万, percent and refuses nothing silently", async () => {
    const wrapper = show(KNumberInput, { modelValue: null, label: "金额" });
    await wrapper.find("input").setValue("60万");
    await wrapper.find("input").setValue("六十");
    expect(wrapper.emitted("update:modelValue")).toEqual([["600000"], ["六十"]]);
    const share = show(KNumberInput, { modelValue: "0.15", percent: true, label: "折扣" });
    expect(share.find("input").element.value).toBe("15");
    await share.find("input").setValue("7.5");
    expect(share.emitted("update:modelValue")).toEqual([["0.075"]]);
  });

  it("steps with the arrows inside its bounds", async () => {
    const wrapper = show(KNumberInput, { modelValue: "9", max: 10, label: "n" });
    await wrapper.find("input").trigger("keydown", { key: "ArrowUp" });
    await wrapper.find("input").trigger("keydown", { key: "ArrowUp" });
    expect(wrapper.emitted("update:modelValue")?.at(-1)).toEqual(["10"]);
  });
});

describe("choices", () => {
  const options = [
    { value: "a", label: "甲" },
    { value: "b", label: "乙", disabled: true },
    { value: "c", label: "丙" },
  ];

  it("the list moves with arrows, filters, and never picks what is disabled", async () => {
    const wrapper = show(KOptionList, { options, selected: ["a"], label: "等级", searchable: true });
    const box = wrapper.find("input");
    await box.trigger("keydown", { key: "ArrowDown" });
    await box.trigger("keydown", { key: "Enter" });
    expect(wrapper.emitted("pick")).toBeUndefined();
    await box.trigger("keydown", { key: "ArrowDown" });
    await box.trigger("keydown", { key: "Enter" });
    expect(wrapper.emitted("pick")).toEqual([[options[2]]]);
    await box.setValue("甲");
    expect(wrapper.findAll("[role=option]")).toHaveLength(1);
    expect(box.attributes("aria-activedescendant")).toBe(wrapper.find("[role=option]").attributes("id"));
  });

  it("Enter before the answer picks from the answer, or makes what was typed, also when the list is closed by then", async () => {
    const known = [{ value: "c", label: "丙" }];
    const questions: { words: string; answer: (options: typeof known) => void }[] = [];
    const search = (words: string) => new Promise<typeof known>((answer) => questions.push({ words, answer }));
    const wrapper = show(KCombobox, { search, label: "标签", multiple: true, createLabel: "新建{q}", modelValue: [] });
    await wrapper.find("button").trigger("click");
    const box = await vi.waitFor(() => document.querySelector<HTMLInputElement>(".k-options input")!);
    const type = async (words: string) => {
      box.value = words;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      await nextTick();
      box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      await nextTick();
    };
    questions[0]!.answer([{ value: "z", label: "older" }]);
    await flushPromises();
    await type("丙");
    expect(wrapper.emitted("pick")).toBeUndefined();
    expect(questions.at(-1)!.words).toBe("丙");
    questions.at(-1)!.answer(known);
    await flushPromises();
    expect(wrapper.emitted("pick")).toEqual([[known[0]]]);
    await type("丁");
    const made = questions.at(-1)!;
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    await nextTick();
    made.answer([]);
    await flushPromises();
    expect(wrapper.emitted("create")).toEqual([["丁"]]);
    expect(wrapper.emitted("pick")).toHaveLength(1);
  });

  it("the face is named by label and value together", () => {
    const wrapper = show(KSelect, { options, modelValue: "a", label: "等级", id: "level" });
    const face = wrapper.find("button#level");
    const names = face.attributes("aria-labelledby")!.split(" ").map((id) => document.getElementById(id)?.textContent?.trim());
    expect(names).toEqual(["等级", "甲"]);
  });

  it("segments and tabs are one stop and move with arrows", async () => {
    const wrapper = show(KSegmented, { options, modelValue: "a", label: "等级" });
    await wrapper.find("[aria-checked=true]").trigger("keydown", { key: "ArrowRight" });
    expect(wrapper.emitted("update:modelValue")).toEqual([["c"]]);
    const tabs = show(KTabs, { tabs: options.map(({ value, label }) => ({ value, label })), modelValue: "a", label: "页" });
    expect(tabs.findAll("[tabindex='0'][role=tab]")).toHaveLength(1);
    await tabs.find("[role=tablist]").trigger("keydown", { key: "ArrowLeft" });
    expect(tabs.emitted("update:modelValue")).toEqual([["c"]]);
  });
});

describe("popups", () => {
  const press = (element: Element | null, key: string): Promise<void> => {
    element?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    return nextTick();
  };

  it("a menu opens from the keyboard, moves, jumps by letter, runs once and gives the focus back", async () => {
    const run = vi.fn();
    const entries = [{ label: "编辑" }, { label: "归档", disabled: true }, { label: "Export", run }];
    const wrapper = show(KMenu, { entries, label: "更多" }, { trigger: "<button>更多</button>" });
    const trigger = wrapper.find("button").element;
    expect(trigger.getAttribute("aria-haspopup")).toBe("menu");
    await press(trigger, "ArrowDown");
    await nextTick();
    expect(trigger.getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement?.textContent).toContain("编辑");
    await press(document.activeElement, "ArrowDown");
    expect(document.activeElement?.textContent).toContain("Export");
    await press(document.activeElement, "Home");
    await press(document.activeElement, "e");
    expect(document.activeElement?.textContent).toContain("Export");
    (document.activeElement as HTMLElement).click();
    await nextTick();
    expect(run).toHaveBeenCalledTimes(1);
    expect(document.querySelector("[role=menu]")).toBeNull();
    expect(document.activeElement).toBe(trigger);
  });

  it("Escape closes it and gives the focus back, a press outside only closes it", async () => {
    const outer = show(KPopover, { label: "外" }, { trigger: "<button>外</button>", default: `<input id="in-outer">` });
    await outer.find("button").trigger("click");
    await nextTick();
    expect(document.querySelectorAll("[role=dialog]")).toHaveLength(1);
    expect(document.activeElement?.id).toBe("in-outer");
    await press(document.activeElement, "Escape");
    expect(document.querySelectorAll("[role=dialog]")).toHaveLength(0);
    expect(document.activeElement).toBe(outer.find("button").element);
    await outer.find("button").trigger("click");
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    await nextTick();
    expect(document.querySelectorAll("[role=dialog]")).toHaveLength(0);
  });

  it("a select opens with an arrow, picks and returns to its face", async () => {
    const wrapper = show(KSelect, { options: [{ value: "a", label: "甲" }, { value: "b", label: "乙" }], modelValue: "a", label: "等级", id: "sel" });
    await wrapper.find("#sel").trigger("keydown", { key: "ArrowDown" });
    await nextTick();
    const list = document.querySelector("[role=listbox]");
    await press(list, "ArrowDown");
    await press(list, "Enter");
    expect(wrapper.emitted("update:modelValue")).toEqual([["b"]]);
    expect(document.querySelector("[role=listbox]")).toBeNull();
  });
});

describe("switches", () => {
  it("say their state", async () => {
    const wrapper = show(KSwitch, { modelValue: false, label: "提醒" });
    expect(wrapper.attributes("aria-checked")).toBe("false");
    await wrapper.trigger("click");
    expect(wrapper.emitted("update:modelValue")).toEqual([[true]]);
  });

  it("a check box is bound to its label", () => {
    const wrapper = show(KCheckbox, { modelValue: true, label: "通知" });
    expect(wrapper.find("label").attributes("for")).toBe(wrapper.find("input").attributes("id"));
  });
});

describe("KDatePicker", () => {
  it("reads what people type and leaves nonsense for the check", async () => {
    const wrapper = show(KDatePicker, { modelValue: null, label: "日期" });
    const input = wrapper.find("input");
    await input.setValue("2026年1月5日");
    expect(wrapper.emitted("update:modelValue")?.at(-1)).toEqual(["2026-01-05"]);
    await input.setValue("下周");
    await input.trigger("blur");
    expect(wrapper.emitted("update:modelValue")?.at(-1)).toEqual(["下周"]);
  });
});

describe("forms", () => {
  it("tie label, help and error to the control", () => {
    const wrapper = show(KFormRow, { label: "邮箱", for: "mail", error: "不是邮箱" }, { default: `<template #default="{ id, describedby }"><input :id="id" :aria-describedby="describedby"></template>` });
    expect(wrapper.find("label").attributes("for")).toBe("mail");
    expect(document.getElementById(wrapper.find("input").attributes("aria-describedby")!)?.textContent).toContain("不是邮箱");
  });

  it("the summary takes the focus and leads to the control", async () => {
    const field = document.createElement("input");
    field.id = "amount";
    document.body.append(field);
    const wrapper = show(KErrorSummary, { errors: [] });
    await wrapper.setProps({ errors: [{ id: "amount", text: "金额不能为空" }] });
    await nextTick();
    await nextTick();
    expect(document.activeElement).toBe(wrapper.element);
    field.scrollIntoView = () => undefined;
    await wrapper.find("a").trigger("click");
    expect(document.activeElement).toBe(field);
    field.remove();
  });
});

describe("KGrid", () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({ id: `r${index}`, name: `客户 ${index}` }));
  const grid = (more: Record<string, unknown> = {}): VueWrapper =>
    show(KGrid, { columns: [{ key: "name", label: "名称", sortable: true }], rows, rowKey: (row: { id: string }) => row.id, label: "客户", selectable: true, cards: false, total: 500, ...more });

  it("draws only what is in sight and says how much there is", () => {
    const wrapper = grid();
    expect(wrapper.findAll(".k-grid-body > [role=row]").length).toBeLessThan(60);
    expect(wrapper.find("[role=grid]").attributes("aria-rowcount")).toBe("501");
  });

  it("is one tab stop, moves with arrows, opens and selects from the keyboard", async () => {
    const open = vi.fn();
    const wrapper = grid({ onOpen: open });
    expect(wrapper.findAll("[tabindex='0']")).toHaveLength(1);
    const first = wrapper.find("[data-cell='0:0']");
    await first.trigger("keydown", { key: "ArrowDown" });
    await nextTick();
    expect(document.activeElement?.getAttribute("data-cell")).toBe("1:0");
    await wrapper.find("[data-cell='1:0']").trigger("keydown", { key: "Enter" });
    expect(open).toHaveBeenCalledWith(rows[1]);
    await wrapper.find("[data-cell='1:0']").trigger("keydown", { key: " " });
    expect(wrapper.findAll("[aria-selected=true]")).toHaveLength(1);
  });

  it("selects a run with Shift and sorts from the header", async () => {
    const sort = vi.fn();
    const wrapper = grid({ onSort: sort });
    await wrapper.find("[data-cell='2:-1']").trigger("click");
    await wrapper.find("[data-cell='5:-1']").trigger("click", { shiftKey: true });
    expect(wrapper.findAll("[aria-selected=true]")).toHaveLength(4);
    await wrapper.find("[data-cell='-1:0']").trigger("click");
    expect(sort).toHaveBeenCalledWith([{ field: "name", dir: "asc" }]);
  });

  it("asks for more near the end, once a page", async () => {
    const load = vi.fn();
    const wrapper = grid({ rows: rows.slice(0, 10), more: true, loadMore: load });
    await nextTick();
    expect(load).toHaveBeenCalledTimes(1);
    await wrapper.setProps({ loading: true });
    await wrapper.setProps({ rows: rows.slice(0, 20), loading: false });
    expect(load).toHaveBeenCalledTimes(2);
  });
});

describe("messages", () => {
  it("leave by themselves, three at most, undo runs once", () => {
    vi.useFakeTimers();
    const undone = vi.fn();
    const toast = useToast();
    toast.undo("已删除", undone);
    toasts[0]!.action!.run();
    for (let index = 0; index < 4; index += 1) toast.ok(`第 ${index}`);
    expect(toasts).toHaveLength(3);
    vi.runAllTimers();
    expect(toasts).toHaveLength(0);
    expect(undone).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  it("a second question answers the first with no", async () => {
    const confirm = useConfirm();
    const first = confirm({ title: "一" });
    const second = confirm({ title: "二" });
    expect(await first).toBe(false);
    asked.value!.answer(true);
    expect(await second).toBe(true);
    asked.value = null;
  });
});

describe("uploads", () => {
  it("know the kinds they accept", () => {
    expect(accepted({ name: "A.PDF", type: "application/pdf" }, [".pdf"])).toBe(true);
    expect(accepted({ name: "a.png", type: "image/png" }, ["image/*"])).toBe(true);
    expect(accepted({ name: "a.exe", type: "application/x-msdownload" }, [".pdf", "image/*"])).toBe(false);
    expect(accepted({ name: "a.exe", type: "" }, [])).toBe(true);
  });
});
