// Cuts the two typefaces to the characters French and English use, and to the weights the pages use.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import subset from "subset-font";

const require = createRequire(import.meta.url);

const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));
// Neither typeface draws U+202F, U+2082 or U+2192: the narrow space falls back, the others are written otherwise.
const FRENCH = "\u00a0«»°²³·×éèêëàâäîïôöùûüçÿæœÉÈÊËÀÂÄÎÏÔÖÙÛÜÇŸÆŒ–—‘’“”…•€−";
const NEIGHBOURS = "ñóáíúòìÑ¿¡§";

const FACES = {
  "bricolage.woff2": {
    source: "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-opsz-normal.woff2",
    characters: ASCII + FRENCH,
    variationAxes: { opsz: 24, wght: 680 },
  },
  "atkinson.woff2": {
    source: "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    characters: ASCII + FRENCH + NEIGHBOURS,
    variationAxes: { wght: { min: 400, max: 700 } },
  },
};

/** The faces by file name, as WOFF2. */
export async function fonts() {
  const entries = Object.entries(FACES).map(async ([name, { source, characters, variationAxes }]) => {
    const original = await readFile(require.resolve(source));
    const features = { keepFeatures: ["kern", "tnum", "mark", "ccmp"], noHinting: true };
    return [name, await subset(original, characters, { targetFormat: "woff2", variationAxes, ...features })];
  });
  return Object.fromEntries(await Promise.all(entries));
}
