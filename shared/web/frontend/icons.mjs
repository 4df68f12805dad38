// Draws the icons that the templates and the Python sources name: one SVG sprite of those that many of them use, which
// every page loads, and the drawings of the others, which their page carries itself.

import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

const require = createRequire(import.meta.url);
const FOLDERS = ["services", "shared"];
const SKIPPED = new Set(["built", "frontend", "node_modules", "__pycache__"]);

// `icon("clock")`, `icon="clock"`, `icon: str = "clock"`, `"icon": "clock"`: an unknown name stops the build.
const NAMED = /\b(?:icon|glyph)(?:["']?\s*[(:=]\s*|\s*:\s*[\w |]+=\s*)["']([a-z0-9-]+)["']/g;
// Chips and badges take their icons from lists: in templates, a word between quotes that is an icon's name is taken for
// one, unless it is an attribute's value (`type="file"`), compared (`== "import"`) or a key (`{"rows": 3}`).
const QUOTED = /(?<!=|[=!]=\s)["']([a-z0-9]+(?:-[a-z0-9]+)*)["'](?!\s*:)/g;
// Python has too many short words: there it needs a hyphen, "circle-check"…
const HYPHENED = /["']([a-z0-9]+(?:-[a-z0-9]+)+)["']/g;
// …or to come first in a tuple of a list or dictionary, `[("clock", …), ("tag", …)]`; a call's arguments do not count…
const FIRST = /(?:[:[{(]|\),)\s*\(\s*["']([a-z0-9]+)["']\s*,/g;
// …or after a badge's kind, `("Prévu", "neutral", "calendar")`.
const AFTER_KIND = /["'](?:ok|warn|err|info|brick|neutral|plain)["']\s*,\s*["']([a-z0-9]+)["']/g;
const LIKELY = { ".html": [QUOTED], ".py": [HYPHENED, FIRST, AFTER_KIND] };
// Names of fields, kinds and steps that are an icon's name too; `icon("file")` would still be one.
const WORDS = new Set(["badge", "code", "contact", "file", "key", "quote", "sheet", "table", "text", "timeline", "type"]);
// What a template says about itself names nothing.
const COMMENT = { ".html": /\{#.*?#\}/gs, ".py": /$^/g };

async function* sources(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* sources(path);
    } else if (/\.(html|py)$/.test(entry.name)) {
      yield path;
    }
  }
}

function names(text, ...patterns) {
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]));
}

async function wanted(root, known) {
  const found = new Map();
  const note = (name, where) => found.set(name, (found.get(name) ?? new Set()).add(where));
  for (const name of JSON.parse(await readFile(new URL("icons.json", import.meta.url)))) note(name, "icons.json");
  for (const folder of FOLDERS) {
    for await (const path of sources(join(root, folder))) {
      const kind = extname(path);
      const text = (await readFile(path, "utf8")).replaceAll(COMMENT[kind], "");
      names(text, NAMED).forEach((name) => note(name, path));
      names(text, ...LIKELY[kind]).filter((name) => known.has(name) && !WORDS.has(name)).forEach((name) => note(name, path));
    }
  }
  return found;
}

/** A hundredth of the drawing's unit is not seen, and weighs. Numbers may stand side by side, "3.464.268": kept apart. */
function rounded(body) {
  return body.replaceAll(/(-?)(\d*)(\.\d{3,})(?=(\.?))/g, (_, sign, whole, fraction, next) => {
    const short = String(Math.round(Number(`${whole}${fraction}`) * 100) / 100);
    const value = whole ? short : short.replace(/^0(?=\.)/, "");
    const before = !sign && !whole && !value.startsWith(".") ? " " : "";
    return `${before}${sign}${value}${next && !value.includes(".") ? " " : ""}`;
  });
}

const FEW = 5;

/** Whether so few pages use it that it has no place in what all of them load. */
function isRare(places) {
  return places.size <= FEW && ![...places].some((where) => where.includes(join("templates", "shell")));
}

/** The sprite, one `<symbol id="name">` per icon, and the drawings of rare icons by name. */
export async function iconSprite(root) {
  const { icons, aliases } = JSON.parse(await readFile(require.resolve("@iconify-json/lucide/icons.json")));
  const drawing = (name) => icons[name] ?? icons[aliases[name]?.parent];
  const known = { has: (name) => Boolean(drawing(name)) };
  const found = await wanted(root, known);
  const unknown = [...found].filter(([name]) => !known.has(name));
  if (unknown.length) {
    throw new Error(`Unknown icons: ${unknown.map(([name, [where]]) => `${name} (${where})`).join(", ")}`);
  }
  // Stroke and fill are the stylesheet's: the group that sets them is dropped.
  const drawn = (name) =>
    rounded(
      drawing(name)
        .body.replace(/^<g [^>]*>(.*)<\/g>$/, "$1")
        .replaceAll(/ (?:fill="none"|stroke="currentColor"|stroke-(?:linecap|linejoin|width)="[^"]*")/g, ""),
    );
  const drawings = (wanted) =>
    [...found].filter(([, where]) => isRare(where) === wanted).map(([name]) => [name, drawn(name)]).sort();
  const symbols = drawings(false).map(([name, body]) => `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`);
  return {
    sprite: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
    rare: JSON.stringify(Object.fromEntries(drawings(true))),
  };
}
