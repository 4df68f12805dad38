"""The substitution graph: sound edges that cover the list of waste, outlets with reasons, receivers, and proximity."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vocabulary import categories, category, outlets, proximity, receiving_divisions, root_of
from shared.vocabulary.exchange_graph import Edge, SubstitutionError, edges, joined, read_edges
from shared.vocabulary.substitution import PRIOR
from shared.vocabulary.waste_codes import known_waste_codes

ROOM = Path(os.environ.get("BOUCLE_DATA_DIR", "../shared/data"))


def source(edge: Edge) -> str:
    return edge.source or edge.ewc or ""


def test_the_graph_is_wide_enough() -> None:
    assert len(edges()) >= 150


def test_every_edge_is_complete() -> None:
    for edge in edges():
        assert edge.outlet.reason_fr, source(edge)
        assert edge.outlet.reason_en, source(edge)
        assert edge.outlet.reason("fr") != edge.outlet.reason("en"), source(edge)
        assert len(set(edge.outlet.divisions)) == len(edge.outlet.divisions) > 0, source(edge)
        assert edge.source is None or edge.outlet.to != edge.source, source(edge)


def test_every_chapter_of_the_list_of_waste_has_an_outlet() -> None:
    led = {edge.ewc[:2] for edge in edges() if edge.ewc}
    assert led == {code[:2] for code in known_waste_codes()}


def test_every_prefix_begins_a_waste_code() -> None:
    assert [
        edge.ewc for edge in edges() if edge.ewc and not any(c.startswith(edge.ewc) for c in known_waste_codes())
    ] == []


def test_every_material_has_an_outlet() -> None:
    roots = {root_of(edge.source) for edge in edges() if edge.source}
    assert {entry.id for entry in categories().values() if entry.kind == "material" and not entry.parent} <= roots | {
        "building-materials",
        "organic-matter",
    }
    lost = [entry.id for entry in categories().values() if entry.kind == "material" and not outlets(entry.id)]
    assert lost == []


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ('from = "no-such-thing"\n', "no-such-thing"),
        ('from = "wood"\newc = "0301"\n', "either"),
        ("", "either"),
        ('from = "wood"\ncolour = "red"\n', "only"),
        ('from = "wood"\nto = "nowhere"\n', "nowhere"),
    ],
)
def test_an_edge_that_breaks_the_form_is_refused(tmp_path: Path, block: str, told: str) -> None:
    file = tmp_path / "graph.toml"
    rest = 'divisions = "16"\nstrength = 0.5\nfr = "devient"\nen = "becomes"\n'
    file.write_text(f"[[edge]]\n{block}{rest}", encoding="utf-8")
    with pytest.raises(SubstitutionError, match=told):
        read_edges(file)


def test_outlets_say_what_becomes_of_a_thing_and_why() -> None:
    best, *others = outlets("expanded-polystyrene")
    assert best.to == "foam-insulation"
    assert best.reason("fr") == "devient un panneau isolant"
    assert best.reason("en") == "becomes an insulating panel"
    assert [best.strength, *(other.strength for other in others)] == sorted(
        (outlet.strength for outlet in outlets("expanded-polystyrene")), reverse=True
    )


def test_a_child_takes_the_outlets_of_its_family_a_little_weaker() -> None:
    family = {outlet.to: outlet.strength for outlet in outlets("kitchen-waste")}
    child = {outlet.to: outlet.strength for outlet in outlets("canteen-leftovers")}
    assert 0 < child["composting"] < family["composting"]


def test_nothing_becomes_itself() -> None:
    assert [
        entry.id for entry in categories().values() if entry.id in {outlet.to for outlet in outlets(entry.id)}
    ] == []


@pytest.mark.parametrize(
    ("text", "ewc", "language", "expected"),
    [
        ("coal fly ash", "10 01 02", "en", "23"),
        ("spent grain from a brewery", "02 07 04", "en", "10"),
        ("foundry sand", "10 09 08", "en", "23"),
        ("cardboard", "15 01 01", "en", "17"),
        ("ferraille d'acier", "17 04 05", "fr", "24"),
        ("marc de café", None, "fr", "01"),
        ("palettes cassées", "15 01 03", "fr", "16"),
        ("waste heat", None, "en", "35"),
        ("huile de friture", "20 01 25", "fr", "20"),
        ("solvant usé", "14 06 03*", "fr", "20"),
    ],
)
def test_code_and_text_lead_to_who_takes_it(text: str, ewc: str | None, language: str, expected: str) -> None:
    assert expected in [division for division, _ in receiving_divisions(text, ewc, language, limit=2)]


def test_what_is_not_understood_is_answered_by_what_takes_materials_at_all() -> None:
    told = [division for division, _ in receiving_divisions("xqzvw", None)]
    assert told == sorted(PRIOR, key=lambda division: -PRIOR[division])[:5]


@given(st.text(max_size=60), st.sampled_from([None, "", "99", "150103", "15 01 03", "16 02 13*", "02", "x"]))
def test_any_text_and_code_are_answered_in_order(text: str, ewc: str | None) -> None:
    found = receiving_divisions(text, ewc, limit=7)
    assert len({division for division, _ in found}) == len(found) == 7
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)
    assert 0 < sum(share for _, share in found) <= 1.001


def test_what_an_edge_joins_is_near_both_ways() -> None:
    for edge in edges():
        if edge.source and edge.outlet.to:
            near = proximity(edge.source, edge.outlet.to)
            assert near == proximity(edge.outlet.to, edge.source) >= edge.outlet.strength * 0.8


def test_an_edge_finds_takers_beyond_the_tree() -> None:
    assert root_of("advertising-tarpaulins") != root_of("upcycled-textiles")
    assert "upcycled-textiles" not in category("advertising-tarpaulins").related
    assert proximity("advertising-tarpaulins", "upcycled-textiles") == pytest.approx(0.72)
    assert joined("desks", "guarding") == 0


def _rows(file: str) -> list[dict[str, str]]:
    with (ROOM / file).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.data
@pytest.mark.skipif(not ROOM.is_dir(), reason=f"the official lists are not at hand: no {ROOM}")
def test_every_division_is_one_of_the_nomenclature() -> None:
    known = {row["naf"][:2] for row in _rows("reference/naf_rev2_fr_nace_en.csv")}
    told = {division for edge in edges() for division in edge.outlet.divisions}
    assert told | PRIOR.keys() <= known


def _truth(row: dict[str, str]) -> str:
    return "".join(sign for sign in row["NACE code - Receiving industry"] if sign.isdigit())[:2]


def _share(rows: list[dict[str, str]], holds: Callable[[list[str], str], bool]) -> float:
    hits = 0
    for row in rows:
        code = "".join(sign for sign in row["EWC code"] if sign.isdigit())[:6] or None
        told = [division for division, _ in receiving_divisions(row["Waste description"], code)]
        hits += holds(told, _truth(row))
    return hits / len(rows)


@pytest.mark.data
@pytest.mark.skipif(not ROOM.is_dir(), reason=f"the exchanges are not at hand: no {ROOM}")
def test_receivers_of_real_exchanges_are_found_better_than_by_a_constant_guess() -> None:
    rows = [row for row in _rows("eval/maestri_exchanges.csv") if _truth(row)]
    assert _share(rows, lambda told, truth: truth in told) >= 0.68
    assert _share(rows, lambda told, truth: truth == told[0]) >= 0.30
