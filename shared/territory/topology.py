"""Outlines as borders that neighbours share: merged, thinned without gaps, and written as TopoJSON."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from shared.territory.outline_source import Point, Ring

Edges: TypeAlias = set[tuple[Point, Point]]
Arc: TypeAlias = tuple[Point, ...]
Shape: TypeAlias = list[list[list[int]]]
"""Polygons of rings of arc numbers; `~n` is arc n the other way round. The first ring of a polygon is its outside."""


def merged(outlines: Iterable[tuple[str, Ring]]) -> dict[str, Edges]:
    """The directed edges around each owner: what lies between two parts of the same owner is gone."""
    around: dict[str, Edges] = defaultdict(set)
    for owner, ring in outlines:
        edges = around[owner]
        for start, end in itertools.pairwise(ring):
            if (end, start) in edges:
                edges.remove((end, start))
            else:
                edges.add((start, end))
    return dict(around)


def neighbours(around: Mapping[str, Edges]) -> dict[str, set[str]]:
    """Who shares a border with whom."""
    owner_of = {edge: owner for owner, edges in around.items() for edge in edges}
    found: dict[str, set[str]] = defaultdict(set)
    for (start, end), owner in owner_of.items():
        other = owner_of.get((end, start))
        if other is not None:
            found[owner].add(other)
    return found


class Topology:
    """The arcs of one set of owners, each kept once, and which owners each lies between."""

    def __init__(self, around: Mapping[str, Edges], *, tolerance: int) -> None:
        self.arcs: list[Arc] = []
        self.shapes: dict[str, Shape] = {}
        self.sides: dict[int, set[str]] = defaultdict(set)
        self._numbers: dict[Arc, int] = {}
        self._corners = _corners(around)
        self._tolerance = tolerance
        for owner, edges in around.items():
            rings = [self._ring(owner, ring) for ring in _chained(edges)]
            self.shapes[owner] = _polygons(rings, self)

    def points(self, ring: Iterable[int]) -> Ring:
        """A ring's points, closed."""
        line: Ring = []
        for number in ring:
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            line.extend(arc[1:] if line else arc)
        return line

    def _ring(self, owner: str, ring: Ring) -> list[int]:
        cuts = [place for place, point in enumerate(ring[:-1]) if point in self._corners]
        if not cuts:
            start = min(range(len(ring) - 1), key=ring.__getitem__)
            return [self._number(owner, (*ring[start:-1], *ring[: start + 1]))]
        turned = [*ring[cuts[0] : -1], *ring[: cuts[0] + 1]]
        ends = [place - cuts[0] for place in cuts] + [len(turned) - 1]
        return [self._number(owner, tuple(turned[start : end + 1])) for start, end in itertools.pairwise(ends)]

    def _number(self, owner: str, arc: Arc) -> int:
        forward = arc <= arc[::-1]
        whole = arc if forward else arc[::-1]
        if whole not in self._numbers:
            self._numbers[whole] = len(self.arcs)
            self.arcs.append(thinned(whole, self._tolerance))
        number = self._numbers[whole]
        self.sides[number].add(owner)
        return number if forward else ~number


def _corners(around: Mapping[str, Edges]) -> set[Point]:
    """Where three borders meet, or where a line touches itself."""
    touched: dict[Point, set[Point]] = defaultdict(set)
    for edges in around.values():
        for start, end in edges:
            touched[start].add(end)
            touched[end].add(start)
    return {point for point, others in touched.items() if len(others) > 2}


def _chained(edges: Edges) -> list[Ring]:
    """Closed lines out of loose edges."""
    following: dict[Point, list[Point]] = defaultdict(list)
    for start, end in sorted(edges):
        following[start].append(end)
    rings = []
    while following:
        first = next(iter(following))
        ring = [first]
        while len(ring) == 1 or ring[-1] != first:
            after = following[ring[-1]]
            point = after.pop()
            if not after:
                del following[ring[-1]]
            ring.append(point)
        rings.append(ring)
    return rings


def thinned(arc: Arc, tolerance: int) -> Arc:
    """Douglas and Peucker's: no point left out lies further than `tolerance` from the line; both ends stay.

    A closed arc keeps the point farthest from its end, so that an island never becomes a line.
    """
    if len(arc) < 4:
        return arc
    if arc[0] == arc[-1]:
        far = max(range(len(arc)), key=lambda place: _squared(arc[0], arc[place]))
        return (*_kept(arc[: far + 1], tolerance)[:-1], *_kept(arc[far:], tolerance))
    return _kept(arc, tolerance)


def _kept(arc: Arc, tolerance: int) -> Arc:
    keep, spans = {0, len(arc) - 1}, [(0, len(arc) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        far = max(range(first + 1, last), key=lambda place: _off(arc[place], arc[first], arc[last]))
        if _off(arc[far], arc[first], arc[last]) > tolerance**2:
            keep.add(far)
            spans += [(first, far), (far, last)]
    return tuple(arc[place] for place in sorted(keep))


def _off(point: Point, start: Point, end: Point) -> float:
    """Squared distance to a segment; a degree of longitude counts as one of latitude, which is near enough here."""
    along = _squared(start, end)
    if not along:
        return _squared(point, start)
    share = ((point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1])) / along
    share = max(0.0, min(1.0, share))
    x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
    return (point[0] - x) ** 2 + (point[1] - y) ** 2


def _squared(a: Point, b: Point) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def area(ring: Ring) -> float:
    """Twice the signed area: negative clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def middle(ring: Ring) -> Point:
    """The centre of gravity of a ring."""
    double = area(ring)
    if not double:
        return ring[0]
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in itertools.pairwise(ring))
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in itertools.pairwise(ring))
    return round(x / (3 * double)), round(y / (3 * double))


def holds(ring: Ring, point: Point) -> bool:
    """Whether a point lies inside a ring."""
    inside = False
    for (ax, ay), (bx, by) in itertools.pairwise(ring):
        if (ay > point[1]) != (by > point[1]) and point[0] < (bx - ax) * (point[1] - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _polygons(rings: list[list[int]], topology: Topology) -> Shape:
    """Outer rings with their holes; the largest ring is outside, and the others turn as it does or are holes."""
    drawn = [topology.points(ring) for ring in rings]
    sizes = [area(ring) for ring in drawn]
    largest = max(range(len(rings)), key=lambda place: abs(sizes[place]))
    outer = [place for place in range(len(rings)) if sizes[place] * sizes[largest] > 0]
    polygons = {place: [rings[place]] for place in outer}
    for place in sorted(set(range(len(rings))) - set(outer)):
        home = next((each for each in outer if sizes[place] and holds(drawn[each], drawn[place][0])), None)
        if home is not None:
            polygons[home].append(rings[place])
    return [polygons[place] for place in sorted(polygons, key=lambda place: -abs(sizes[place]))]


def shifted(shape: Shape, by: int) -> Shape:
    """The same shape where `by` other arcs come first."""
    return [[[n + by if n >= 0 else n - by for n in ring] for ring in polygon] for polygon in shape]


def deltas(arc: Arc, origin: Point) -> list[list[int]]:
    """An arc as TopoJSON writes it: the first point, then the steps."""
    line = [[arc[0][0] - origin[0], arc[0][1] - origin[1]]]
    return line + [[b[0] - a[0], b[1] - a[1]] for a, b in itertools.pairwise(arc)]


def geometry(shape: Shape, code: str, **properties: Any) -> dict[str, Any]:
    """One owner of a TopoJSON collection."""
    return {"type": "MultiPolygon", "arcs": shape, "id": code, "properties": properties}
