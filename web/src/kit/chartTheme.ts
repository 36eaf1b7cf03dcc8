import { lang } from "@/i18n";

/** A figure as the server draws it: traces and the few layout settings that belong to the chart, no colours. */
export interface Figure {
  data: Record<string, unknown>[];
  layout?: Record<string, unknown>;
}

type Token = (name: string) => string;
type Bag = Record<string, unknown>;

const isBag = (value: unknown): value is Bag => value !== null && typeof value === "object" && !Array.isArray(value);

export function merge(base: Bag, over: Bag): Bag {
  const out: Bag = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const own = out[key];
    out[key] = isBag(own) && isBag(value) ? merge(own, value) : value;
  }
  return out;
}

const numbersOf = (list: unknown): number[] =>
  Array.isArray(list) ? list.map((value) => (value === null ? 0 : Number(value))).filter((value) => Number.isFinite(value)) : [];

/** Round steps that cover a range with about `count` marks. */
export function niceTicks(low: number, high: number, count = 5): number[] {
  if (!(high > low)) return [];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw - power * 1e-9) ?? raw;
  const ticks: number[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) ticks.push(Number(value.toPrecision(12)));
  return ticks;
}

/** 1,200,000 is 120万 for some readers and 1.2M for others: marks are written by the language, not by the engine. */
function valueAxis(figure: Figure): Bag {
  const stacked = figure.layout?.barmode === "stack";
  const drawn = figure.data.filter((trace) => trace.type === "bar" || trace.type === "scatter");
  if (!drawn.length || figure.layout?.barnorm || drawn.some((trace) => trace.orientation === "h")) return {};
  const sums = new Map<string, number>();
  let high = 0;
  let low = 0;
  for (const trace of drawn) {
    const x = Array.isArray(trace.x) ? trace.x : [];
    numbersOf(trace.y).forEach((value, index) => {
      const key = String(x[index] ?? index);
      const total = stacked ? (sums.get(key) ?? 0) + value : value;
      sums.set(key, total);
      high = Math.max(high, total);
      low = Math.min(low, total);
    });
  }
  const ticks = niceTicks(low, high * 1.06);
  if (ticks.length < 2) return {};
  const format = new Intl.NumberFormat(lang(), { notation: "compact", maximumFractionDigits: 2 });
  return { rangemode: "tozero", tickmode: "array", tickvals: ticks, ticktext: ticks.map((value) => format.format(value)) };
}

const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
/** Room of one name of a month, and of the marks beside the value axis. */
const TICK_WIDTH = 54;
const VALUE_MARKS = 56;

/** A mark for every month only where their names fit side by side; else for every second, third, sixth … one. */
function monthTicks(axis: Bag, data: readonly Bag[], width: number): Bag {
  const own = typeof axis.dtick === "string" && /^M(\d+)$/.exec(axis.dtick);
  if (!own) return axis;
  const months = data
    .flatMap((trace) => (Array.isArray(trace.x) ? trace.x : []))
    .filter((value) => typeof value === "string")
    .map((value) => Number(value.slice(0, 4)) * 12 + Number(value.slice(5, 7)));
  const span = months.reduce((high, value) => Math.max(high, value), -Infinity) - months.reduce((low, value) => Math.min(low, value), Infinity) + 1;
  const most = Math.max(2, Math.floor((width - VALUE_MARKS) / TICK_WIDTH));
  const step = MONTH_STEPS.find((size) => size >= Number(own[1]) && span / size <= most) ?? MONTH_STEPS.at(-1)!;
  return { ...axis, dtick: `M${step}` };
}

/** From this width on a pie stands beside its legend, below it the legend is underneath. */
export const PIE_BESIDE_LEGEND = 300;

/** Layout of every chart, from the same tokens as the rest of the page. */
export function themed(figure: Figure, token: Token, width: number): Bag {
  const series = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => token(`--c${index}`));
  const axis: Bag = {
    gridcolor: token("--line"),
    linecolor: token("--line"),
    zerolinecolor: token("--line"),
    tickfont: { color: token("--text-3"), size: 12 },
    automargin: true,
    fixedrange: true,
    ticks: "",
  };
  const named = figure.data.length > 1 || figure.data.some((trace) => trace.type === "pie");
  const round = figure.data.some((trace) => trace.type === "pie");
  const aside = round && width > PIE_BESIDE_LEGEND;
  const base: Bag = {
    autosize: true,
    margin: { l: 8, r: 12, t: 8, b: 8, pad: 4 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: token("--font"), size: 12, color: token("--text-2") },
    colorway: series,
    separators: ".,",
    xaxis: { ...axis, showgrid: false, showline: false },
    yaxis: { ...axis, showline: false, zeroline: true, ...valueAxis(figure) },
    bargap: 0.38,
    bargroupgap: 0.08,
    barcornerradius: 4,
    funnelgap: 0.12,
    uniformtext: { minsize: 11, mode: "hide" },
    showlegend: named,
    legend: aside
      ? { orientation: "v", x: 1.02, xanchor: "left", y: 0.5, yanchor: "middle", font: { color: token("--text-2") } }
      : { orientation: "h", x: 0, xanchor: "left", y: round ? -0.06 : 1.02, yanchor: round ? "top" : "bottom", font: { color: token("--text-2") } },
    hovermode: "closest",
    hoverlabel: {
      bgcolor: token("--surface"),
      bordercolor: token("--line-2"),
      font: { family: token("--font"), size: 12, color: token("--text") },
      align: "left",
    },
    dragmode: false,
  };
  if (figure.data.some((trace) => trace.type === "funnel")) {
    Object.assign(base, { xaxis: { ...axis, showgrid: false, visible: false }, yaxis: { ...axis, showgrid: false, showline: false } });
  }
  const layout = merge(base, figure.layout ?? {});
  return { ...layout, xaxis: monthTicks(layout.xaxis as Bag, figure.data, width) };
}

/** A thin slice has no room for its share: the legend says it beside the name. */
function namedShares(trace: Bag): Bag {
  const [labels, values] = [trace.labels, numbersOf(trace.values)];
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!Array.isArray(labels) || !(total > 0) || trace.textinfo !== "percent") return {};
  const share = new Intl.NumberFormat(lang(), { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return {
    labels: labels.map((label, index) => `${String(label)}  ${share.format((values[index] ?? 0) / total)}`),
    textinfo: "none",
    hovertemplate: "%{label}<br>%{text}<extra></extra>",
  };
}

/** Colour of each slice where the options have their own; only when all have one and all differ. */
function ownColors(tokens: readonly string[] | undefined, token: Token): string[] | undefined {
  if (!tokens?.length || tokens.some((name) => !name) || new Set(tokens).size < tokens.length) return undefined;
  const colors = tokens.map((name) => token(`--${name}`));
  return colors.every(Boolean) ? colors : undefined;
}

/** Traces dressed for the theme; what the server set itself wins. */
export function dressed(figure: Figure, token: Token, colors?: Record<string, string[]>): Bag[] {
  const own = ownColors(colors ? Object.values(colors)[0] : undefined, token);
  return figure.data.map((trace) => {
    if (trace.type === "pie")
      return merge(
        {
          marker: { line: { color: token("--surface"), width: 2 }, ...(own ? { colors: own } : {}) },
        },
        { ...trace, ...namedShares(trace) },
      );
    if (trace.type === "funnel")
      return merge(
        {
          marker: { color: token("--c1") },
          connector: { fillcolor: token("--accent-soft"), line: { width: 0 } },
          textposition: "auto",
          insidetextfont: { color: token("--on-accent") },
          outsidetextfont: { color: token("--text-2") },
        },
        trace,
      );
    if (trace.type === "scatter") return merge({ line: { width: 2.5 }, marker: { size: 6 } }, trace);
    if (trace.type === "heatmap")
      return merge({ colorscale: [[0, token("--surface-3")], [1, token("--c1")]], showscale: false, xgap: 2, ygap: 2 }, trace);
    return trace;
  });
}
