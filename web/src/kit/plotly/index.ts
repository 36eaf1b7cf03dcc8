/** The part of the drawing engine this product uses. Only this folder knows the engine's internals. */
export interface Engine {
  react(element: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
  purge(element: HTMLElement): void;
  resize(element: HTMLElement): Promise<unknown>;
}

export interface PlotElement extends HTMLElement {
  on?(event: string, handler: (event: { points?: { customdata?: unknown; pointNumber?: number }[] }) => void): void;
  removeAllListeners?(event: string): void;
}

/** Kinds of charts come when a figure has them; lines are in the core. */
const kinds: Record<string, () => Promise<{ default: unknown }>> = {
  bar: () => import("plotly.js/lib/bar"),
  funnel: () => import("plotly.js/lib/funnel"),
  heatmap: () => import("plotly.js/lib/heatmap"),
  indicator: () => import("plotly.js/lib/indicator"),
  pie: () => import("plotly.js/lib/pie"),
};

/** The engine with the kinds of charts these traces need. */
export async function engineFor(traces: readonly Record<string, unknown>[]): Promise<Engine> {
  const wanted = [...new Set(traces.map((trace) => kinds[String(trace.type)]))].filter((kind) => kind !== undefined);
  const [{ engine, register }, ...parts] = await Promise.all([import("./core"), ...wanted.map((kind) => kind())]);
  register(parts.map((part) => part.default));
  return engine;
}
