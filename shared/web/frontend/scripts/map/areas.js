// The areas of an offer while they are typed: the lines of the field are the truth, the map follows them and writes into them.

import { circle } from "./live.js";

const RADIUS = /^(\s*)(\d+(?:[.,]\d+)?)(\s*km\b.*)$/i;
const CODES = { commune: "code", epci: "epci", department: "department", region: "region" };

function read(picture) {
  return JSON.parse(picture.querySelector("[data-zones]")?.dataset.zones ?? "[]");
}

function matches({ kind, code }) {
  return kind === "country" ? ["boolean", true] : ["==", ["get", CODES[kind]], code];
}

function say(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** `place` holds the picture that the server draws anew after each change; `field` is the text of one area a line. */
export function showAreas({ map, maplibre, land }, place, field) {
  const picture = place.querySelector(".map-still");

  function draw(moving = true) {
    const zones = read(picture);
    const any = ["any", ...zones.filter(({ kind }) => kind !== "radius").map(matches)];
    map.setFilter("area", any);
    map.setFilter("area-far", any);
    const rings = zones.filter(({ kind }) => kind === "radius").map(({ at, km }) => circle(at, km));
    map.getSource("rings").setData({ type: "FeatureCollection", features: rings });
    const box = picture.querySelector("[data-box]")?.dataset.box.split(",").map(Number);
    if (moving && box) map.fitBounds([[box[0], box[1]], [box[2], box[3]]]);
  }

  /** A commune that stands on a line of its own, however it was typed, is taken away; any other is added. */
  function toggle({ name, department, code }) {
    const line = `${name} (${department})`;
    const typed = read(picture).find((zone) => zone.kind === "commune" && zone.code === code)?.line;
    const lines = field.value.split("\n").map((each) => each.trim()).filter(Boolean);
    const rest = lines.filter((each) => each !== line && each !== typed);
    field.value = (rest.length < lines.length ? rest : [...lines, line]).join("\n");
    stay = true;
    say(field);
  }

  let stay = false, pointed = null;
  const point = (code) => {
    if (pointed) map.setFeatureState({ source: "communes", id: pointed }, { on: false });
    pointed = code;
    if (pointed) map.setFeatureState({ source: "communes", id: pointed }, { on: true });
  };
  const hint = new maplibre.Popup({ closeButton: false, closeOnClick: false, className: "map-hint", focusAfterOpen: false });
  map.on("mousemove", "land", ({ features: [{ properties }], lngLat }) => {
    map.getCanvas().style.cursor = "pointer";
    point(properties.code);
    hint.setLngLat(lngLat).setText(`${properties.name} (${properties.department})`).addTo(map);
  });
  map.on("mouseleave", "land", () => {
    map.getCanvas().style.cursor = "";
    point(null);
    hint.remove();
  });
  map.on("click", "land", ({ features: [{ properties }] }) => toggle(properties));
  document.addEventListener("htmx:after:swap", () => {
    draw(!stay);
    stay = false;
  });
  draw(false);
  return land;
}

/** The slider of the first radius; without one it is out of the way. */
export function followKilometres(place, field) {
  const box = place.querySelector("[data-kilometres]");
  if (!box) return;
  const slider = box.querySelector("input"), said = box.querySelector("output");
  const usual = box.dataset.kilometres;
  const lines = () => (field.value.trim() ? field.value : usual).split("\n");
  function show() {
    const found = lines().map((line) => RADIUS.exec(line)).find(Boolean);
    box.hidden = !found;
    if (!found) return;
    slider.value = Number(found[2].replace(",", "."));
    said.value = found[0].trim();
  }
  slider.addEventListener("input", () => {
    const all = lines(), at = all.findIndex((line) => RADIUS.test(line));
    all[at] = all[at].replace(RADIUS, (_, before, km, after) => `${before}${slider.value}${after}`);
    field.value = all.join("\n");
    said.value = all[at].trim();
    say(field);
  });
  field.addEventListener("input", (event) => event.isTrusted && show());
  show();
}
