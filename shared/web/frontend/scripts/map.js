// What pages with a map run: the picture becomes a map where the browser can draw one, and stays where it cannot.

import { canDraw, liveMap } from "./map/live.js";
import { followKilometres, showAreas } from "./map/areas.js";
import { showResults } from "./map/results.js";

const KINDS = {
  results(live, place) {
    const list = document.getElementById(place.dataset.list);
    if (list) showResults(live, place, list);
  },
  areas(live, place) {
    showAreas(live, place, document.getElementById(place.dataset.field));
  },
};

function still(place) {
  const note = place.querySelector(".map-cannot");
  if (note) note.hidden = false;
  place.classList.add("is-still");
}

async function start(place) {
  const { map: kind, field } = place.dataset;
  if (kind === "areas") followKilometres(place.closest("[data-areas]"), document.getElementById(field));
  if (!canDraw()) return still(place);
  try {
    KINDS[kind](await liveMap(place), place);
  } catch (error) {
    console.warn("The map stays a picture:", error);
    still(place);
  }
}

for (const place of document.querySelectorAll("[data-map]")) start(place);
