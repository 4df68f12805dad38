// Cuts the two typefaces to the characters French and English use, and to the weights the pages use.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import subset from "subset-font";

const require = createRequire(import.meta.url);

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));
// Neither typeface draws U+202F, U+2082 or U+2192: the narrow space falls back, the others are written otherwise.
const FRENCH = "\u00a0«»°²³·×éèêëàâîïôùûüçœÉÈÊÀÂÎÔÙÇŒ–—‘’“”…•€";
const RARER = "äöÿæËÄÏÖÛÜŸÆñóáíúòìÑ¿¡§−";

const FACES = {
  "bricolage.woff2": {
    source: "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-opsz-normal.woff2",
    characters: `${LETTERS} .,;:!?()/-+%&'"${FRENCH}`,
    variationAxes: { opsz: 24, wght: 680 },
    keepFeatures: ["kern", "tnum", "mark", "ccmp"],
  },
  "atkinson.woff2": {
    source: "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    characters: ASCII + FRENCH + RARER,
    variationAxes: { wght: { min: 400, max: 700 } },
    // At text sizes its kerning is not seen, and weighs 3 kB.
    keepFeatures: ["tnum", "mark", "ccmp"],
  },
};

/** The faces by file name, as WOFF2. */
export async function fonts() {
  const entries = Object.entries(FACES).map(async ([name, { source, characters, ...options }]) => {
    const original = await readFile(require.resolve(source));
    return [name, await subset(original, characters, { targetFormat: "woff2", noHinting: true, ...options })];
  });
  return Object.fromEntries(await Promise.all(entries));
}
