import bar from "plotly.js/lib/bar";
import core from "plotly.js/lib/core";
import funnel from "plotly.js/lib/funnel";
import heatmap from "plotly.js/lib/heatmap";
import indicator from "plotly.js/lib/indicator";
import pie from "plotly.js/lib/pie";

/** The part of the drawing engine this product uses. The only module that touches its internals. */
export interface Engine {
  register(parts: unknown[]): void;
  react(element: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
  purge(element: HTMLElement): void;
  Plots: { resize(element: HTMLElement): Promise<unknown> };
}

export interface PlotElement extends HTMLElement {
  on?(event: string, handler: (event: { points?: { customdata?: unknown; pointNumber?: number }[] }) => void): void;
  removeAllListeners?(event: string): void;
}

const months = Array.from({ length: 12 }, (_, month) => `${month + 1}月`);
const days = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

/** Names on date axes; the engine's own words never show, because its tool bar is off. */
const chinese = {
  moduleType: "locale",
  name: "zh-CN",
  dictionary: {},
  format: {
    days,
    shortDays: days,
    months,
    shortMonths: months,
    periods: ["上午", "下午"],
    dateTime: "%Y年%-m月%-d日 %H:%M:%S",
    date: "%Y-%m-%d",
    time: "%H:%M:%S",
    year: "%Y年",
    month: "%Y年%-m月",
    dayMonth: "%-m月%-d日",
    dayMonthYear: "%Y年%-m月%-d日",
  },
};

const engine = core as unknown as Engine;
engine.register([bar, pie, funnel, indicator, heatmap, chinese]);

export default engine;
