"""The category files keep their form: a sound tree, named in both languages, with synonyms and well-formed codes."""

from __future__ import annotations

import re
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.vocabulary import (
    KINDS,
    SCHEMES,
    WASTE_LEVELS,
    Category,
    CategoryUnknown,
    VocabularyError,
    ancestors,
    categories,
    category,
    children,
    descendants,
    is_hazardous,
    name,
    root_of,
    roots,
    unit,
)
from shared.vocabulary.reading import read_categories
from shared.vocabulary.tree import FOLDER

EVERY = list(categories().values())
IDS = [entry.id for entry in EVERY]


def test_the_vocabulary_is_wide_enough() -> None:
    assert len(EVERY) >= 600
    assert sum(entry.kind in {"material", "product"} for entry in EVERY) >= 330
    assert {entry.kind for entry in EVERY} == set(KINDS)
    assert {entry.level for entry in EVERY} == {1, 2, 3}


def faults(entry: Category) -> list[str]:
    """What an entry gets wrong, in words."""
    lists = (entry.synonyms, entry.synonyms_en, entry.ewc, entry.cpv, entry.naf, entry.related)
    checks = {
        "id": re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", entry.id),
        "names": entry.name_fr and entry.name_en,
        "kind": entry.kind in KINDS,
        "waste level": entry.waste_level is None or entry.waste_level in WASTE_LEVELS,
        "scheme": entry.scheme is None or entry.scheme in SCHEMES,
        "unit": unit(entry.unit).id == entry.unit,
        "EWC": all(re.fullmatch(r"\d{6}", code) for code in entry.ewc),
        "CPV": all(re.fullmatch(r"\d{2,8}", code) for code in entry.cpv),
        "NAF": all(re.fullmatch(r"\d{2,4}|\d{4}[A-Z]", code) for code in entry.naf),
        "an empty item: two commas, or one at the end": all(all(listed) for listed in lists),
        "an item twice": all(len(set(listed)) == len(listed) for listed in lists),
    }
    return [f"{entry.id}: {told}" for told, holds in checks.items() if not holds]


def test_every_entry_is_complete_and_well_formed() -> None:
    assert [fault for entry in EVERY for fault in faults(entry)] == []


def test_faults_are_seen() -> None:
    broken = replace(category("wood"), id="Wood!", kind="stone", ewc=("15 01",), naf=("81.2",), synonyms=("a", "", "a"))  # type: ignore[arg-type]
    assert len(faults(broken)) == 6


def test_every_entry_has_the_synonyms_its_kind_needs() -> None:
    least = {"material": 8, "product": 8}
    assert [entry.id for entry in EVERY if len(entry.synonyms) < least.get(entry.kind, 4)] == []


def test_every_material_and_product_has_english_synonyms() -> None:
    goods = [entry for entry in EVERY if entry.kind in {"material", "product"}]
    assert [entry.id for entry in goods if len(entry.synonyms_en) < 3] == []


def test_every_material_has_a_waste_code_and_a_level() -> None:
    materials = [entry for entry in EVERY if entry.kind == "material" and entry.waste_level != "reuse"]
    # Heat and gas are never waste, firewood is made to be burnt.
    assert {entry.id for entry in materials if not entry.ewc} <= {"waste-heat-gas", "firewood"}
    assert [entry.id for entry in materials if not entry.waste_level] == []


def test_waste_codes_are_of_the_list_and_their_stars_right() -> None:
    wrong = [e.id for e in EVERY if {code for code in e.ewc if is_hazardous(code)} != e.hazardous_ewc]
    assert wrong == []


def test_every_product_and_service_can_be_found_by_an_official_code() -> None:
    uncoded = [e.id for e in EVERY if e.kind in {"material", "product", "service"} and not (e.cpv or e.naf or e.ewc)]
    assert uncoded == []


def test_relations_name_categories_and_no_relative() -> None:
    for entry in EVERY:
        for related in entry.related:
            assert related in categories(), f"{entry.id} names {related}"
            assert related not in {entry.id, *ancestors(entry.id), *descendants(entry.id)}


def test_names_are_unique_in_each_language() -> None:
    for names in ([entry.name_fr for entry in EVERY], [entry.name_en for entry in EVERY]):
        assert [found for found, count in Counter(names).items() if count > 1] == []


def test_no_block_is_lost_in_reading() -> None:
    written = sum(len(tomllib.loads(path.read_text(encoding="utf-8"))["category"]) for path in FOLDER.glob("*.toml"))
    assert written == len(EVERY)


def test_the_tree_can_be_walked_both_ways() -> None:
    assert ancestors("desks") == ("office-furniture", "furniture")
    assert root_of("desks") == "furniture"
    assert root_of("furniture") == "furniture"
    assert "desks" in descendants("furniture")
    assert "desks" in children("office-furniture")
    assert descendants("desks") == ()
    for entry in EVERY:
        for above in ancestors(entry.id):
            assert entry.id in descendants(above)
            assert category(above).kind == entry.kind
    assert set(IDS) == {below for root in roots() for below in (root, *descendants(root))}


def test_names_follow_the_language() -> None:
    assert name("wooden-pallets") == "Palettes en bois"
    assert name("wooden-pallets", "en") == "Wooden pallets"
    assert name("wooden-pallets", "en-GB") == "Wooden pallets"
    assert name("wooden-pallets", "de") == "Palettes en bois"


@pytest.mark.parametrize("ask", [category, ancestors, descendants, children, name])
def test_an_unknown_category_is_refused(ask: Callable[[str], object]) -> None:
    with pytest.raises(CategoryUnknown):
        ask("no-such-thing")


def test_what_all_share_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        categories()["new"] = category("wood")  # type: ignore[index]
    with pytest.raises(AttributeError):
        category("wood").name_fr = "Fer"  # type: ignore[misc]


def test_a_child_takes_from_its_parent_what_it_does_not_say() -> None:
    assert category("pruning").kind == "service"
    assert category("pruning").unit == "hour"
    assert category("screens").scheme == "electronics"


def test_hazard_is_of_all_codes_or_of_some() -> None:
    assert category("screens").hazardous
    assert not category("computers").may_be_hazardous
    assert category("batteries").may_be_hazardous
    assert not category("batteries").hazardous


ENTRY = '[[category]]\nid = "a"\nkind = "service"\nfr = "A"\nen = "A"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY + 'colour = "red"\n', "colour"),
        ('[[category]]\nid = "a"\nkind = "service"\nfr = "A"\n', "en"),
        (ENTRY + ENTRY, "twice"),
        (ENTRY + 'parent = "b"\n', "must stand before"),
        (ENTRY + "ewc = \n", "Invalid value"),
        ('title = "x"\n', "only"),
    ],
)
def test_a_file_that_breaks_the_form_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "broken.toml").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=told):
        read_categories(tmp_path)


def test_reading_everything_takes_little_more_than_parsing_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml")]
    parsing = min(_timed(lambda: [tomllib.loads(text) for text in texts]) for _ in range(5))
    reading = min(_timed(lambda: read_categories(FOLDER)) for _ in range(5))
    assert reading < 3 * parsing


def _timed(work: Callable[[], object]) -> float:
    """Of the processor, so that a busy machine does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start
