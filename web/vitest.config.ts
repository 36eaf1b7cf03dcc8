import { mergeConfig } from "vite";
import { defineConfig } from "vitest/config";
import base from "./vite.config.ts";

export default mergeConfig(
  base,
  defineConfig({
    test: {
      environment: "happy-dom",
      include: ["tests/**/*.test.ts"],
      setupFiles: ["tests/setup.ts"],
      // patience of tests on a busy machine: none of them measures time
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  }),
);
