// A map that moves, in the place of the picture the server drew: same land, same words, and a way back to the picture.

import { decoded } from "./topology.js";
import { colours, layers, paint, sources } from "./style.js";

const SMALLEST = 5, LARGEST = 14;

/** Whether this browser can draw it; asked before a megabyte is fetched. */
export function canDraw() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: false }));
  } catch {
    return false;
  }
}

function names({ features }, centres) {
  return {
    type: "FeatureCollection",
    features: features.map(({ properties: { name, people, code }, geometry: { coordinates } }) => ({
      type: "Feature", properties: { name, people, code },
      geometry: { type: "Point", coordinates: centres.get(code) ?? middle(coordinates[0][0]) },
    })),
  };
}

function middle(ring) {
  const sum = (axis) => ring.reduce((total, point) => total + point[axis], 0) / ring.length;
  return [sum(0), sum(1)];
}

function words(place) {
  const said = (name) => place.getAttribute(`data-phrase-${name}`) ?? "";
  return {
    "Map.Title": said("title"),
    "CooperativeGesturesHandler.WindowsHelpText": said("wheel"),
    "CooperativeGesturesHandler.MacHelpText": said("wheel").replace("Ctrl", "⌘"),
    "CooperativeGesturesHandler.MobileHelpText": said("fingers"),
  };
}

/** Our style, or the one that whoever runs this Boucle named, under our areas and rings. */
async function ground(place) {
  const named = place.dataset.style;
  if (named) {
    const answer = await fetch(named).catch(() => null);
    if (answer?.ok) return { named: true, style: await answer.json() };
  }
  return { named: false, style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background" }] } };
}

function zoomButtons(place, map) {
  const corner = place.querySelector(".map-zoom");
  corner.hidden = false;
  corner.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-zoom]");
    if (button) map.zoomTo(map.getZoom() + Number(button.dataset.zoom));
  });
}

function followTheme(map) {
  const again = () => paint(map, colours());
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  again();
}

/** The map, drawn; `place` says where everything is. Rejects when it cannot be. */
export async function liveMap(place, centres = new Map()) {
  const { library, worker, outlines, box } = place.dataset;
  const [maplibre, topology, base] = await Promise.all([
    import(library),
    fetch(outlines).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`outlines: ${answer.status}`)))),
    ground(place),
    document.fonts.load("13px 'Atkinson Hyperlegible Next'"),
  ]);
  maplibre.setWorkerUrl(new URL(worker, location.href).href);
  const land = decoded(topology);
  const [west, south, east, north] = box.split(",").map(Number);
  const map = new maplibre.Map({
    container: place.querySelector(".map-canvas"), style: base.style, bounds: [[west, south], [east, north]],
    minZoom: SMALLEST, maxZoom: LARGEST, attributionControl: base.named ? { compact: true } : false,
    cooperativeGestures: true, dragRotate: false, pitchWithRotate: false, touchPitch: false, locale: words(place),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  await map.once("style.load");
  for (const [id, source] of Object.entries(sources(land, names(land.communes, centres)))) map.addSource(id, source);
  for (const layer of layers(base.named)) map.addLayer(layer);
  followTheme(map);
  zoomButtons(place, map);
  await map.once("idle");
  place.classList.add("is-live");
  return { map, maplibre, land };
}

const KM_PER_DEGREE = 111.2;

/** A circle of kilometres as a polygon of degrees. */
export function circle([longitude, latitude], km) {
  const north = km / KM_PER_DEGREE, east = north / Math.cos((latitude * Math.PI) / 180);
  const points = Array.from({ length: 97 }, (_, step) => {
    const turn = (step / 96) * 2 * Math.PI;
    return [longitude + east * Math.cos(turn), latitude + north * Math.sin(turn)];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [points] } };
}
