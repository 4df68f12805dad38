// Cuts the typefaces to the characters French and English use, and to the weights the pages use.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import subset from "subset-font";

const require = createRequire(import.meta.url);
const HEADINGS = "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-opsz-normal.woff2";
const TEXT = "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ACCENTED = "éèêëàâîïôùûüçœÉÈÊÀÂÎÔÙÇŒ";
// Neither typeface draws U+202F, U+2082 or U+2192: the narrow space falls back, the others are written otherwise.
const SIGNS = " .,;:!?()/-+%&'\u00a0«»°²·–’“”…€";
// Computers' signs and other languages' letters: a face of its own, fetched by the pages that hold one of them.
const RARE = "#$<>[\\]^`{}~‘¡§¿ÄËÏÛÜÑÖŸÆßäæñòóöøáãåìíõúÿ";

const FACES = {
  "bricolage.woff2": {
    source: HEADINGS,
    // In a heading, what it lacks is drawn by the text's face.
    characters: LETTERS + ACCENTED + SIGNS,
    variationAxes: { opsz: 24, wght: 680 },
    keepFeatures: ["kern", "tnum"],
    kerningStep: 24,
  },
  "atkinson.woff2": {
    source: TEXT,
    characters: `${LETTERS}${ACCENTED}${SIGNS}"*=@_|³×—•−`,
    variationAxes: { wght: { min: 400, max: 700 } },
    // At text sizes its kerning is not seen, and weighs 3 kB.
    keepFeatures: ["tnum"],
  },
  "atkinson-rare.woff2": {
    source: TEXT,
    characters: RARE,
    variationAxes: { wght: { min: 400, max: 700 } },
    keepFeatures: ["tnum"],
  },
};

/** What papers are set in: one weight a face, and no WOFF2, which Typst does not read. */
const PAPERS = {
  "paper-text.ttf": { source: TEXT, variationAxes: { wght: 400 } },
  "paper-strong.ttf": { source: TEXT, variationAxes: { wght: 700 } },
  "paper-heading.ttf": { source: HEADINGS, variationAxes: { opsz: 24, wght: 680 } },
};

/** RARE as CSS wants it, `U+23-24,U+3C`. */
export function rareRange() {
  const codes = [...RARE].map((character) => character.codePointAt(0)).sort((a, b) => a - b);
  const starts = codes.filter((code) => !codes.includes(code - 1));
  const ends = codes.filter((code) => !codes.includes(code + 1));
  const hexadecimal = (code) => code.toString(16);
  return starts.map((start, index) => `U+${[...new Set([start, ends[index]])].map(hexadecimal).join("-")}`).join(",");
}

/** Where a TrueType file keeps a table. */
function tableAt(font, tag) {
  const count = font.readUInt16BE(4);
  const records = Array.from({ length: count }, (_, index) => 12 + 16 * index);
  return font.readUInt32BE(records.find((record) => font.toString("latin1", record, record + 4) === tag) + 8);
}

const PAIRS = 2;
const EXTENSION = 9;

/** The tables of kerning: each pair of letters, or each pair of classes of letters, with one distance. */
function* kerningTables(font) {
  const at = (offset) => font.readUInt16BE(offset);
  const listed = (start, list) => Array.from({ length: at(list) }, (_, index) => start + at(list + 2 + 2 * index));
  const gpos = tableAt(font, "GPOS");
  const lookups = gpos + at(gpos + 8);
  for (const lookup of listed(lookups, lookups)) {
    for (const place of listed(lookup, lookup + 4)) {
      const extended = at(lookup) === EXTENSION;
      const table = extended ? place + font.readUInt32BE(place + 4) : place;
      const kind = extended ? at(place + 2) : at(lookup);
      if (kind !== PAIRS || at(table + 4) !== 4 || at(table + 6) !== 0) {
        throw new Error("The typeface's kerning is no longer one distance for each pair");
      }
      yield { table, sets: at(table) === 1 ? listed(table, table + 8) : [], classes: at(table + 12) * at(table + 14) };
    }
  }
}

function* kerningDistances(font) {
  for (const { table, sets, classes } of kerningTables(font)) {
    for (const set of sets) for (let pair = 0; pair < font.readUInt16BE(set); pair += 1) yield set + 4 + 4 * pair;
    if (!sets.length) for (let pair = 0; pair < classes; pair += 1) yield table + 16 + 2 * pair;
  }
}

/** Rounds kerning to a step, in thousandths of an em: 24 moves a letter of 58 px by 0.7 pixel at most, and saves 2.3 kB. */
function roundKerning(font, step) {
  for (const offset of kerningDistances(font)) {
    font.writeInt16BE(Math.round(font.readInt16BE(offset) / step) * step, offset);
  }
  return font;
}

async function cut({ source, characters, variationAxes, kerningStep, ...options }) {
  // Names of styles and classes of marks: nothing a page asks for.
  const kept = { noHinting: true, dropTables: ["STAT", "GDEF"], ...options };
  const original = await readFile(require.resolve(source));
  const font = await subset(original, characters, { targetFormat: "truetype", variationAxes, ...kept });
  return subset(kerningStep ? roundKerning(font, kerningStep) : font, characters, { targetFormat: "woff2", ...kept });
}

async function forPaper({ source, variationAxes }) {
  const characters = `${FACES["atkinson.woff2"].characters}${RARE}`;
  const original = await readFile(require.resolve(source));
  return subset(original, characters, { targetFormat: "truetype", variationAxes, noHinting: true });
}

/** The faces by file name: WOFF2 for pages, TrueType for papers. */
export async function fonts() {
  const entries = [
    ...Object.entries(FACES).map(async ([name, face]) => [name, await cut(face)]),
    ...Object.entries(PAPERS).map(async ([name, face]) => [name, await forPaper(face)]),
  ];
  return Object.fromEntries(await Promise.all(entries));
}
