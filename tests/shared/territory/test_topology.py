"""Borders that neighbours share stay shared: merged, thinned and written."""

import struct

import pytest

from shared.territory.outline_source import Ring, rings_of
from shared.territory.outlining import assemble
from shared.territory.topology import Topology, area, holds, merged, middle, neighbours, thinned


def square(x: int, y: int, side: int = 10) -> Ring:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def wkb(*rings: list[tuple[float, float]]) -> bytes:
    body = b"\x01" + struct.pack("<II", 3, len(rings))
    for ring in rings:
        body += struct.pack("<I", len(ring)) + b"".join(struct.pack("<2d", *point) for point in ring)
    return body


def several(*polygons: bytes) -> bytes:
    return b"\x01" + struct.pack("<II", 6, len(polygons)) + b"".join(polygons)


def test_outlines_are_read_from_one_polygon_and_from_several() -> None:
    first = wkb([(1.0, 43.0), (1.1, 43.0), (1.1, 43.1), (1.0, 43.0)])
    second = wkb([(2.0, 43.0), (2.1, 43.0), (2.1, 43.1), (2.0, 43.0)])
    triangle = [(10_000, 430_000), (11_000, 430_000), (11_000, 431_000), (10_000, 430_000)]
    assert list(rings_of(first)) == [triangle]
    assert [ring[0] for ring in rings_of(several(first, second))] == [(10_000, 430_000), (20_000, 430_000)]
    with pytest.raises(ValueError, match="kind 1"):
        list(rings_of(b"\x01" + struct.pack("<I2d", 1, 1.0, 43.0)))


def test_a_border_between_two_is_one_arc_walked_both_ways() -> None:
    topology = Topology(merged([("a", square(0, 0)), ("b", square(10, 0))]), tolerance=0)
    walked = {
        each: {n for polygon in shape for ring in polygon for n in ring} for each, shape in topology.shapes.items()
    }
    shared = [n for n in walked["a"] if ~n in walked["b"]]
    assert len(shared) == 1
    assert len(topology.arcs) == 3
    assert topology.sides[max(shared[0], ~shared[0])] == {"a", "b"}


def test_what_lies_inside_one_owner_is_gone() -> None:
    around = merged([("a", square(0, 0)), ("a", square(10, 0)), ("b", square(20, 0))])
    assert neighbours(around) == {"a": {"b"}, "b": {"a"}}
    topology = Topology(around, tolerance=0)
    (polygon,) = topology.shapes["a"]
    assert area(topology.points(polygon[0])) == 2 * 200


def test_an_enclave_is_a_hole_of_what_is_around_it() -> None:
    inner = square(10, 10)
    topology = Topology(merged([("around", square(0, 0, 30)), ("around", inner[::-1]), ("within", inner)]), tolerance=0)
    (polygon,) = topology.shapes["around"]
    assert len(polygon) == 2
    assert [len(each) for each in topology.shapes["within"]] == [1]


def test_thinning_keeps_ends_and_never_makes_a_line_of_an_island() -> None:
    wavy = tuple((x, x % 2) for x in range(50))
    assert thinned(wavy, 2) == ((0, 0), (49, 1))
    assert thinned(wavy, 0) == wavy
    island = tuple(square(0, 0, 5))
    kept = thinned(island, 2)
    assert kept[0] == kept[-1]
    assert area(list(kept)) != 0
    assert len(kept) >= 4 or len(set(kept)) >= 3


def test_the_middle_of_a_ring_lies_in_it() -> None:
    assert middle(square(0, 0)) == (5, 5)
    assert holds(square(0, 0), (5, 5))
    assert not holds(square(0, 0), (15, 5))


def test_neighbours_have_no_gap_between_them_once_written() -> None:
    """INVARIANT: each border of a commune is the border of its neighbour, point by point, after thinning."""
    jagged = [(150 * step, 43 * (step % 3)) for step in range(30)]
    west = [(4_000, 436_000 + y) for y, _ in jagged]
    line = [(14_000 + x, 436_000 + y) for y, x in jagged]
    east = [(24_000, 436_000 + y) for y, _ in jagged]
    outlines = {
        "31555": [[*west[::-1], *line, west[-1]]],
        "31282": [[*line[::-1], *east, line[-1]]],
    }
    written, centres = assemble(outlines)
    shapes = {each["id"]: each["arcs"] for each in written["objects"]["communes"]["geometries"]}
    numbers = {code: {n for polygon in shape for ring in polygon for n in ring} for code, shape in shapes.items()}
    assert {~n for n in numbers["31555"]} & numbers["31282"]
    assert set(centres) == {"31555", "31282"}
    assert not [step for arc in written["arcs"] for step in arc[1:] if step == [0, 0]]
