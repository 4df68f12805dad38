// Places of a list as numbered pins; what is pointed at on one side is marked on the other, by mouse and by keyboard.

const NEAR_PX = 30, FEW = 3;

function read(list) {
  return [...list.querySelectorAll("[data-spot]")].map((row) => {
    const [longitude, latitude] = row.dataset.spot.split(",").map(Number);
    return { row, at: [longitude, latitude], text: row.dataset.number, kind: row.dataset.kind, label: row.dataset.label };
  });
}

/** Places that would hide one another, taken together; the first of a list keeps its own pin longest. */
function grouped(map, places) {
  const groups = [];
  for (const place of places) {
    const { x, y } = map.project(place.at);
    const close = groups.find((group) => Math.hypot(group.x - x, group.y - y) < NEAR_PX);
    if (close) close.places.push(place);
    else groups.push({ x, y, places: [place] });
  }
  return groups;
}

function bounds(maplibre, places) {
  return places.reduce((all, { at }) => all.extend(at), new maplibre.LngLatBounds(places[0].at, places[0].at));
}

/** Pins for the rows of `list`; returns nothing, everything else is by hand. */
export function showResults({ map, maplibre }, place, list) {
  const places = read(list);
  const said = (name) => place.getAttribute(`data-phrase-${name}`) ?? "{n}";
  const several = said("several"), many = said("many");
  let markers = [], shown = "";

  function pin({ places: members }) {
    const [first] = members, alone = members.length === 1;
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.className = alone ? `pin pin-${first.kind}` : "pin pin-several";
    button.textContent = members.length > FEW ? many.replace("{n}", members.length) : members.map(({ text }) => text).join(" ");
    button.ariaLabel = alone ? first.label : `${button.textContent}, ${several.replace("{n}", members.length)}`;
    button.addEventListener("click", () => (alone ? enter(first) : open(members)));
    for (const [event, on] of [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]) {
      button.addEventListener(event, () => members.forEach((each) => each.row.classList.toggle("is-on", on)));
    }
    button.addEventListener("keydown", ({ key }) => key === "Escape" && back(first));
    // The marker's own role and name would say « Map marker » to a screen reader.
    const marker = new maplibre.Marker({ element: button }).setLngLat(middle(members)).addTo(map);
    button.removeAttribute("role");
    return { marker, members, button };
  }

  function middle(members) {
    return bounds(maplibre, members).getCenter();
  }

  function draw() {
    const groups = grouped(map, places);
    const key = groups.map(({ places: members }) => members.map(({ text }) => text).join("+")).join(" ");
    if (key === shown) return;
    shown = key;
    const focused = markers.find(({ button }) => button === document.activeElement)?.members[0];
    for (const { marker } of markers) marker.remove();
    markers = groups.map(pin);
    if (focused) of(focused).button.focus();
  }

  const of = (one) => markers.find(({ members }) => members.includes(one));

  function mark(one, on) {
    of(one)?.button.classList.toggle("is-on", on);
    if (on && !map.getBounds().contains(one.at)) map.easeTo({ center: one.at });
  }

  function open(members) {
    map.fitBounds(bounds(maplibre, members), { padding: 60, maxZoom: 12 });
  }

  function enter({ row }) {
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("a.ttl").focus();
  }

  function back({ row }) {
    row.querySelector("[data-to-map]").focus();
  }

  /** From the list to its pin, out of whatever group hides it. */
  function show(one) {
    const group = of(one);
    if (group.members.length === 1 && map.getBounds().contains(one.at)) {
      group.button.focus();
      return;
    }
    map.once("moveend", () => {
      draw();
      of(one).button.focus();
    });
    map.jumpTo({ center: one.at, zoom: Math.max(map.getZoom(), group.members.length > 1 ? 12 : 0) });
  }

  for (const one of places) {
    for (const [event, on] of [["mouseenter", true], ["focusin", true], ["mouseleave", false], ["focusout", false]]) {
      one.row.addEventListener(event, () => mark(one, on));
    }
    one.row.querySelector("[data-to-map]").addEventListener("click", (event) => {
      event.preventDefault();
      show(one);
    });
  }
  map.on("zoomend", draw);
  draw();
}
