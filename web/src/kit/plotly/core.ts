import annotations from "plotly.js/src/components/annotations";
import colorbar from "plotly.js/src/components/colorbar";
import colorscale from "plotly.js/src/components/colorscale";
import fx from "plotly.js/src/components/fx";
import grid from "plotly.js/src/components/grid";
import legend from "plotly.js/src/components/legend";
import shapes from "plotly.js/src/components/shapes";
import english from "plotly.js/src/locale-en";
import american from "plotly.js/src/locale-en-us";
import * as methods from "plotly.js/src/plot_api/plot_api";
import plots from "plotly.js/src/plots/plots";
import { register } from "plotly.js/src/registry";
import scatter from "plotly.js/src/traces/scatter";
import "plotly.js/build/plotcss";

import { chinese } from "./chinese";
import type { Engine } from "./index";

/** The engine's core, put together from its sources: all of it would weigh half as much again. */

/** The tool bar is left out; drawing still asks which way it lies. */
const toolBar = {
  moduleType: "component",
  name: "modebar",
  supplyLayoutDefaults: (_given: unknown, layout: Record<string, unknown>): void => {
    layout.modebar = { orientation: "h" };
  },
};

// Methods call one another by name; the legend must know the shapes, hovering the legend.
for (const [name, fn] of Object.entries(methods as Record<string, unknown>))
  if (typeof fn === "function") register({ moduleType: "apiMethod", name, fn });
register([scatter, annotations, shapes, grid, colorscale, colorbar, legend, fx, toolBar, english, american, chinese]);

export const engine: Engine = { react: methods.react, purge: methods.purge, resize: plots.resize };
export { register };
