import { defineConfig } from "vite";

/** What runs in Node rather than in a browser: the browser's evaluator of expressions, as a command. One file. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: "src/expr/cli.ts",
    outDir: "../runtime/static/dist",
    emptyOutDir: false,
    target: "node22",
    minify: true,
    reportCompressedSize: false,
    rolldownOptions: { output: { entryFileNames: "expr-cli.mjs" } },
  },
});
