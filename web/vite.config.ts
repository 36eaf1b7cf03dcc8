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

/** What forms and filters need and other pages do not. */
const inputs =
  /src[\\/](fields[\\/](widgets|FieldRow|FieldWidget)|kit[\\/](KMultiSelect|KCombobox|KNumberInput|KTextarea|KDate|KTime|KFile|KDropZone|KProgress|KSwitch|KFormRow|upload))/;

/** Every page's parts: controls, icons, words, the way to the server. */
const kit = /src[\\/](kit|i18n|api|app)[\\/](?!index)|node_modules[\\/]@lucide|plugin-vue/;

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
            { name: "controls", test: inputs, priority: 25 },
            { name: "filter", test: /src[\\/](kit[\\/]KFilter|fields[\\/](FieldOperand|DateOperand|RecordFilterPanel))/, priority: 25 },
            { name: "grid", test: /src[\\/]kit[\\/](KGrid|grid)/, priority: 25 },
            { name: "kit", test: kit, minShareCount: 2, priority: 20 },
            { name: "fields", test: /src[\\/]fields[\\/]/, minShareCount: 2, priority: 10 },
          ],
        },
      },
    },
  },
});
