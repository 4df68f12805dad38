// Builds the pages' assets: styles, scripts, fonts and the icon sprite, hashed, with a manifest that names them.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build as bundle, transform } from "esbuild";
import { fonts, rareRange } from "./fonts.mjs";
import { iconSprite } from "./icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");
const built = resolve(here, "../built");
const run = promisify(execFile);
const require = createRequire(import.meta.url);

// A target of 2023 keeps the output close to the source: what older browsers lack, they do without.
const TARGET = "es2022";
// What few pages need is not in what every page loads.
const ON_SOME_PAGES = [
  "draft.js", "filling.js", "passkeys.js", "share.js", "widen.js",
  "choices.css", "curve.css", "search.css", "wall.css",
];

async function styles() {
  const folder = await mkdtemp(join(tmpdir(), "boucle-css-"));
  const output = join(folder, "app.css");
  const cli = resolve(dirname(require.resolve("@tailwindcss/cli/package.json")), "dist/index.mjs");
  try {
    await run(process.execPath, [cli, "-i", join(here, "app.css"), "-o", output, "--minify"], { cwd: root });
    return await readFile(output, "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function script(name) {
  const result = await bundle({
    entryPoints: [join(here, "scripts", name)],
    bundle: true,
    minify: true,
    write: false,
    format: name === "theme.js" ? "iife" : "esm",
    target: TARGET,
    legalComments: "none",
  });
  return result.outputFiles[0].contents;
}

async function minified(css) {
  const { code } = await transform(css, { loader: "css", minify: true, legalComments: "none" });
  return code;
}

async function onSomePages() {
  const build = async (name) =>
    extname(name) === ".js" ? script(name) : minified(await readFile(join(here, "styles", name), "utf8"));
  return Object.fromEntries(await Promise.all(ON_SOME_PAGES.map(async (name) => [name, await build(name)])));
}

/** What only pages with a map load: the library, the worker it starts, and its styles with ours for what is on it. */
async function map() {
  const package_ = dirname(require.resolve("maplibre-gl/package.json"));
  const own = await readFile(join(here, "styles/map.css"), "utf8");
  const its = await readFile(join(package_, "dist/maplibre-gl.css"), "utf8");
  return {
    "map.js": await script("map.js"),
    "map.css": await minified(`${its}\n${own}`),
    "maplibre.js": await script("maplibre.js"),
    "maplibre-worker.js": await readFile(join(package_, "dist/maplibre-gl-worker.mjs")),
  };
}

function hashed(name, contents) {
  const digest = createHash("sha256").update(contents).digest("hex").slice(0, 10);
  const extension = extname(name);
  return `${name.slice(0, -extension.length)}.${digest}${extension}`;
}

// What theme.css writes for the characters of the rare face.
const RARE_RANGE = "U+F0000";

/** The stylesheet names its fonts by their plain names; they become hashed ones beside it. */
function withFonts(css, manifest) {
  if (!css.includes(RARE_RANGE)) throw new Error(`No face of the stylesheet has the range ${RARE_RANGE}`);
  return css.replace(RARE_RANGE, rareRange()).replaceAll(/url\("?([\w-]+\.woff2)"?\)/g, (whole, name) => {
    if (!manifest[name]) throw new Error(`The stylesheet names a font that is not built: ${name}`);
    return `url(${manifest[name]})`;
  });
}

async function main() {
  const started = performance.now();
  const [css, app, theme, faces, icons, logo, maps, some] = await Promise.all([
    styles(), script("app.js"), script("theme.js"), fonts(), iconSprite(root), readFile(join(here, "logo.svg")), map(),
    onSomePages(),
  ]);
  const files = { ...faces, ...maps, ...some, "app.js": app, "theme.js": theme, "logo.svg": logo };
  Object.assign(files, { "icons.svg": icons.sprite, "rare-icons.json": icons.rare });
  const manifest = Object.fromEntries(Object.entries(files).map(([name, contents]) => [name, hashed(name, contents)]));
  files["app.css"] = withFonts(css, manifest);
  manifest["app.css"] = hashed("app.css", files["app.css"]);

  await rm(built, { recursive: true, force: true });
  await mkdir(built, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, contents]) => writeFile(join(built, manifest[name]), contents)));
  // Nothing here is committed. The manifest comes last: a page never names a file that is not there yet.
  await writeFile(join(built, ".gitignore"), "*\n");
  await writeFile(join(built, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  report(files, manifest, performance.now() - started);
}

function report(files, manifest, milliseconds) {
  for (const [name, contents] of Object.entries(files)) {
    const kilobytes = (gzipSync(contents, { level: 9 }).length / 1000).toFixed(1).padStart(6);
    console.log(`${kilobytes} kB gz  ${manifest[name]}`);
  }
  console.log(`built in ${(milliseconds / 1000).toFixed(2)} s`);
}

await main();
