// How the map looks, in the colours of the page's theme; names are drawn with the page's own typeface.

const NAMES = {
  land: "--color-base-300", border: "--color-base-100", ink: "--color-base-content", muted: "--ink-muted",
  area: "--pastel-pale", ring: "--color-secondary",
};
const FONT = ["Atkinson Hyperlegible Next", "sans-serif"];

/** The theme's colours as the map can read them: it knows no `light-dark()`. */
export function colours() {
  const probe = document.body.appendChild(document.createElement("i"));
  const found = Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => {
    probe.style.color = `var(${variable})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return found;
}

const NOTHING = { type: "FeatureCollection", features: [] };
const wider = (from, to) => ["interpolate", ["linear"], ["zoom"], 6, from, 11, to];

function borders(kind, width, minzoom) {
  return {
    id: `border-${kind}`, type: "line", source: "borders", minzoom,
    filter: ["==", ["get", "parts"], kind], layout: { "line-join": "round" }, paint: { "line-width": width },
  };
}

function label(id, filter, minzoom, extra) {
  return {
    id, type: "symbol", source: "names", minzoom, filter,
    layout: {
      "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-padding": 6, "text-max-width": 9,
      "symbol-sort-key": ["-", 0, ["get", "people"]], "text-variable-anchor": ["top", "bottom"], "text-radial-offset": 1.3, ...extra,
    },
    paint: { "text-halo-width": 1.5 },
  };
}

/** What our layers need, with outlines that `topology.js` read; `names` are points with `name` and `people`. */
export function sources({ communes, departments, borders: lines }, names) {
  const geojson = (data) => ({ type: "geojson", data, tolerance: 0.2 });
  return {
    communes: { ...geojson(communes), promoteId: "code" }, departments: geojson(departments), borders: geojson(lines),
    names: geojson(names), rings: geojson(NOTHING),
  };
}

/** From the ground up; over a background of its own (`ground`) the land stays unpainted. */
export function layers(ground) {
  const land = (id, source) => ({ id, type: "fill", source, paint: { "fill-opacity": ground ? 0 : 1 } });
  const area = (id, source) => ({ id, type: "fill", source, filter: ["boolean", false], paint: { "fill-opacity": ground ? 0.55 : 1 } });
  return [
    land("land-far", "departments"), land("land", "communes"),
    area("area-far", "departments"), area("area", "communes"),
    { id: "pointed", type: "fill", source: "communes", paint: { "fill-opacity": ["case", ["boolean", ["feature-state", "on"], false], 0.25, 0] } },
    borders("commune", wider(0.3, 1.2), 8), borders("epci", wider(0.4, 2), 7), borders("department", wider(1, 3), 0),
    { id: "ring-fill", type: "fill", source: "rings", paint: { "fill-opacity": 0.12 } },
    { id: "ring", type: "line", source: "rings", paint: { "line-width": 2, "line-dasharray": [3, 2] } },
    ...(ground ? [] : [
      label("name-small", ["<", ["get", "people"], 4000], 10.4, { "text-size": 12 }),
      label("name", ["all", [">=", ["get", "people"], 4000], ["<", ["get", "people"], 20000]], 8.8, { "text-size": 12 }),
      label("name-large", [">=", ["get", "people"], 20000], 6.5, {}),
    ]),
  ];
}

/** Paint every layer anew: on the first drawing, and when the theme changes. */
export function paint(map, { land, border, ink, muted, area, ring }) {
  const set = (id, property, colour) => map.getLayer(id) && map.setPaintProperty(id, property, colour);
  for (const id of ["land", "land-far"]) set(id, "fill-color", land);
  for (const id of ["area", "area-far"]) set(id, "fill-color", area);
  for (const id of ["commune", "epci", "department"]) set(`border-${id}`, "line-color", border);
  set("pointed", "fill-color", ring);
  set("ring-fill", "fill-color", ring);
  set("ring", "line-color", ring);
  set("name-large", "text-color", ink);
  for (const id of ["name", "name-small"]) set(id, "text-color", muted);
  for (const id of ["name", "name-small", "name-large"]) set(id, "text-halo-color", land);
  set("ground", "background-color", border);
}
