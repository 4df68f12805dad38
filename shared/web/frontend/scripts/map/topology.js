// Reads our TopoJSON: polygons of communes and departments, and every border once under what it parts.

function lines({ arcs, transform: { scale, translate } }) {
  return arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return [translate[0] + x * scale[0], translate[1] + y * scale[1]];
    });
  });
}

function ring(numbers, arcs) {
  const points = [];
  for (const number of numbers) {
    const arc = number >= 0 ? arcs[number] : arcs[~number].toReversed();
    points.push(...(points.length ? arc.slice(1) : arc));
  }
  return points;
}

function parts([one, other]) {
  if (!other || one.department !== other.department) return "department";
  return one.epci === other.epci ? "commune" : "epci";
}

function collection(features) {
  return { type: "FeatureCollection", features };
}

/** `{communes, departments, borders}`, each a GeoJSON collection. */
export function decoded(topology) {
  const arcs = lines(topology);
  const sides = new Map();
  const shapes = (geometries) => collection(geometries.map(({ id, arcs: polygons, properties }) => {
    for (const number of new Set(polygons.flat(2).map((n) => (n < 0 ? ~n : n)))) {
      sides.set(number, [...(sides.get(number) ?? []), properties]);
    }
    const coordinates = polygons.map((rings) => rings.map((numbers) => ring(numbers, arcs)));
    return { type: "Feature", properties: { ...properties, code: id }, geometry: { type: "MultiPolygon", coordinates } };
  }));
  const { communes, departments } = topology.objects;
  const found = { communes: shapes(communes.geometries), departments: shapes(departments.geometries) };
  for (const number of topology.boucle.twice) sides.delete(number);
  const drawn = Map.groupBy(sides.keys(), (number) => parts(sides.get(number)));
  found.borders = collection([...drawn].map(([kind, numbers]) => ({
    type: "Feature",
    properties: { parts: kind },
    geometry: { type: "MultiLineString", coordinates: numbers.map((number) => arcs[number]) },
  })));
  return found;
}
