import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { land } from "./land";

// Where a service runs while somebody works on the pages; the built pages know no host but their own.
const service = process.env["ONRECORD_AT"] ?? "http://127.0.0.1:8321";
const theirs = ["/v1", "/docs", "/openapi.json", "/problems", "/tlog", "/healthz", "/readyz", "/metrics"];

export default defineConfig({
  // Parts are found from the part that asks for them: the same files are served below each desk.
  base: "./",
  plugins: [svelte(), land()],
  resolve: { alias: { $lib: "/src/lib", $parts: "/src/parts" } },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(theirs.map((path) => [path, { target: service, changeOrigin: true }])),
  },
  build: {
    target: "es2022",
    // The notices of all libraries are shipped with the pages, in .vite/license.md.
    license: true,
    // A file within a file would be a `data:` address, which the content security policy refuses to scripts and fonts.
    assetsInlineLimit: 0,
    // The preload helper is an inline script in older browsers' fallback; the policy allows none.
    modulePreload: { polyfill: false },
  },
});
