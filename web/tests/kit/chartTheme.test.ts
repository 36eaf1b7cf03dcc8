import { describe, expect, it } from "vitest";

import { dressed, niceTicks, themed } from "@/kit/chartTheme";

const token = (name: string): string => `<${name}>`;

describe("charts", () => {
  it("mark round steps", () => {
    expect(niceTicks(0, 3_300_000)).toEqual([0, 1_000_000, 2_000_000, 3_000_000]);
    expect(niceTicks(0, 9)).toEqual([0, 2, 4, 6, 8]);
    expect(niceTicks(5, 5)).toEqual([]);
  });

  it("write large values as the language does", () => {
    const figure = { data: [{ type: "bar", x: ["a", "b"], y: [1_200_000, 3_000_000] }] };
    const axis = themed(figure, token, 600).yaxis as { ticktext: string[] };
    expect(axis.ticktext).toContain("100万");
  });

  it("add stacked bars up before marking", () => {
    const stacked = {
      data: [
        { type: "bar", x: ["a"], y: [60] },
        { type: "bar", x: ["a"], y: [60] },
      ],
      layout: { barmode: "stack" },
    };
    const axis = themed(stacked, token, 600).yaxis as { tickvals: number[] };
    expect(Math.max(...axis.tickvals)).toBe(100);
  });

  it("mark as many months as fit", () => {
    const x = Array.from({ length: 48 }, (_, month) => `${2014 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01`);
    const step = (months: string[], width: number, dtick = "M1") =>
      themed({ data: [{ type: "bar", x: months, y: [] }], layout: { xaxis: { type: "date", dtick } } }, token, width).xaxis;
    expect(step(x.slice(0, 6), 600)).toMatchObject({ dtick: "M1" });
    expect(step(x, 600)).toMatchObject({ dtick: "M6" });
    expect(step(x, 1200)).toMatchObject({ dtick: "M3" });
    expect(step(x, 320, "M12")).toMatchObject({ dtick: "M12" });
    expect(step([], 600)).toMatchObject({ dtick: "M1" });
  });

  it("take their colours from tokens and let the server's layout win", () => {
    const layout = themed({ data: [], layout: { xaxis: { type: "date" }, bargap: 0.1 } }, token, 600);
    expect(layout.bargap).toBe(0.1);
    expect(layout.xaxis).toMatchObject({ type: "date", gridcolor: "<--line>" });
  });

  it("use the options' own colours only when they tell slices apart", () => {
    const pie = { data: [{ type: "pie", labels: ["a", "b"], values: [1, 2] }] };
    const own = dressed(pie, token, { d1: ["ok", "bad"] })[0]!.marker as { colors?: string[] };
    const same = dressed(pie, token, { d1: ["ok", "ok"] })[0]!.marker as { colors?: string[] };
    expect(own.colors).toEqual(["<--ok>", "<--bad>"]);
    expect(same.colors).toBeUndefined();
  });
});
