import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

/** Writes a .gz beside every text asset, so that the server never compresses per request. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    writeBundle(options, bundle) {
      for (const [name, part] of Object.entries(bundle)) {
        if (!/\.(js|css|svg|json)$/.test(name)) continue;
        const source = part.type === "chunk" ? part.code : part.source;
        writeFileSync(join(options.dir!, `${name}.gz`), gzipSync(source, { level: 9 }));
      }
    },
  };
}

/**
 * Parts of the drawing engine that nothing here uses, and what stands in for them. A style sheet of maps (70 kB),
 * the tool bar, selecting with the mouse, a promise for old browsers; of its colour library only three spaces.
 */
const engineParts: [RegExp, string][] = [
  [/maplibre-gl.*\.css$/, "absent.css"],
  [/^\.\.\/(\.\.\/)?components\/(selections|modebar)$/, "absent.ts"],
  [/^native-promise-only$/, "absent.ts"],
  [/^culori$/, "colors.ts"],
];

/** Everything the engine brings; what one kind of chart needs alone stays with it. */
const engineFiles =
  /node_modules[\\/](plotly\.js|@plotly|d3-|culori|events|gl-mat4|point-in-polygon)|kit[\\/]plotly[\\/](?!index)/;

function leanEngine(): Plugin {
  const own = fileURLToPath(new URL("./src/kit/plotly/", import.meta.url));
  return {
    name: "lean-engine",
    enforce: "pre",
    resolveId(id, importer) {
      if (!importer || !/node_modules[\\/]plotly\.js[\\/]/.test(importer)) return;
      const part = engineParts.find(([name]) => name.test(id));
      return part && join(own, part[1]);
    },
  };
}

/** What nearly every form needs and other pages do not; controls few forms have come one by one. */
const inputs =
  /src[\\/](fields[\\/](widgets\.ts|widgets[\\/](Text|Number|Date|Select|Switch|Lookup|Computed|Read)(?!Range)|FieldRow|FieldWidget)|kit[\\/](KMultiSelect|KCombobox|KNumberInput|KTextarea|KDate|KTime|KSwitch|KFormRow))/;

/** What filters need. */
const filters = /src[\\/](kit[\\/]KFilter|fields[\\/](FieldOperand|DateOperand|NearOperand|OperandPoint|RecordFilterPanel))/;

/** What types know and cells show. */
const types = /src[\\/]fields[\\/](types[\\/]|FieldCell|PictureStrip|RatingMarks|(?!recording|useUploads|scanning|filterWords)[a-z]\w*\.ts)/;

/** Texts and their language: whole, as the first thing of every page. */
const words = /src[\\/]i18n[\\/](?!en|zh)\w+\.ts|preload-helper/;

/** What pages stand in; a form for somebody outside has no such frame. */
const frame = /src[\\/]kit[\\/](KPage|KMenu|KDrawer|bar|hotkeys)/;

/** Most pages' parts: controls, the way to the server. */
const kit = /src[\\/](kit|api|app)[\\/](?!index)|plugin-vue/;

export default defineConfig({
  base: "/assets/",
  plugins: [leanEngine(), vue(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", global: "globalThis" },
  build: {
    outDir: "../runtime/static/dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // A data: URL would need looser font and image rules in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
    reportCompressedSize: false,
    rolldownOptions: {
      input: ["src/main.ts", "src/public/main.ts"],
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          // A few files that most pages share compress and load better than sixty small ones.
          groups: [
            { name: "charts", test: engineFiles, minShareCount: 2, priority: 40 },
            { name: "vue", test: /node_modules[\\/](@vue[\\/]|vue[\\/]|vue-router[\\/])/, priority: 30 },
            { name: "words", test: words, priority: 28 },
            { name: "controls", test: inputs, priority: 25 },
            { name: "filter", test: filters, priority: 25 },
            { name: "grid", test: /src[\\/]kit[\\/](KGrid|grid(?!Clipboard|Columns|Lines))/, minShareCount: 2, priority: 25 },
            { name: "frame", test: frame, priority: 24 },
            { name: "icons", test: /node_modules[\\/]@lucide/, minShareCount: 3, priority: 22 },
            { name: "kit", test: kit, minShareCount: 8, priority: 20 },
            { name: "fields", test: types, minShareCount: 2, priority: 10 },
          ],
        },
      },
    },
  },
});
