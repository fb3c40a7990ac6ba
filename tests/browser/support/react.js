// The example of the React components, built with the versions of React that they are for, and served by another origin
// than the service.

import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ADA } from "./console.js";
import { scene } from "./scene.js";

const REACT = fileURLToPath(new URL("../../../clients/react/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
/** Stands in what is built for the URL of the service, whose port each test chooses anew. */
const PLACE = "http://the-service.invalid";

/** The versions of React, by the packages that have them. */
export const VERSIONS = { react: "react-dom", "react-18": "react-dom-18" };

const resolve = createRequire(join(REACT, "package.json")).resolve;
const vite = await import(pathToFileURL(join(resolve("vite/package.json"), "../dist/node/index.js")));
const { default: config } = await import(pathToFileURL(join(REACT, "example/vite.config.js")));
process.env.VITE_GUESTLIST_URL = PLACE;
const folder = await mkdtemp(join(tmpdir(), "guestlist-react-"));

const built = new Map();

/** Builds the example with a version of React, once. */
function example(react) {
  if (!built.has(react)) built.set(react, build(react));
  return built.get(react);
}

function build(react) {
  const packages = { "react-dom": VERSIONS[react], react };
  const own = Object.entries(packages).map(([from, to]) => ({
    find: new RegExp(`^${from}(?=$|/)`),
    replacement: join(REACT, "node_modules", to),
  }));
  const others = Object.entries(config.resolve.alias).map(([find, replacement]) => ({ find, replacement }));
  return vite.build({
    ...config,
    configFile: false,
    root: join(REACT, "example"),
    logLevel: "error",
    base: `/${react}/`,
    resolve: { alias: [...own, ...others] },
    build: { outDir: join(folder, react), minify: false },
  });
}

/** What a module of the package exports that needs no React, by its path in `clients/react`. */
export async function moduleOf(path) {
  const name = path.replace(/\W+/g, "-");
  const output = { format: "es", entryFileNames: `${name}.mjs` };
  await vite.build({
    configFile: false,
    logLevel: "error",
    root: REACT,
    build: { ssr: path, outDir: join(folder, "modules", name), minify: false, rollupOptions: { output } },
  });
  return import(pathToFileURL(join(folder, "modules", name, `${name}.mjs`)));
}

let api;
const site = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://site");
  const file = join(folder, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  const text = await readFile(file, "utf8").catch(() => undefined);
  response.writeHead(text === undefined ? 404 : 200, { "Content-Type": TYPES[extname(file)] ?? "text/plain" });
  response.end(text?.replaceAll(PLACE, api));
}).listen(0, "127.0.0.1");
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;
after(async () => {
  site.close();
  site.closeAllConnections();
  await rm(folder, { recursive: true });
});

/**
 * A service whose emails lead to the app, and windows in which the app is open; `others` are origins that pages of it may
 * go to besides.
 */
export function play(name, react, act, { flags = [], others = [] } = {}) {
  const app = `${origin}/${react}/`;
  const given = [`--cors-origin=${origin}`, `--app-url=${app}`, ...flags];
  scene(`${react}: ${name}`, ...given, async ({ service, open }) => {
    await example(react);
    api = service.api;
    const root = await service.root(ADA);
    const visit = async (url = app, { isKnown = false, before, ...options } = {}) => {
      const window = await open(options);
      for (const one of [origin, ...others]) window.expectOrigin(one);
      if (!isKnown) window.foresee("session/refresh", 401);
      await before?.(window);
      await window.page.goto(url);
      return window;
    };
    await act({ service, root, visit, app });
  });
}
