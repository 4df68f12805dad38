"""A level that was not promised first travels beside the nearest one, and comes back whole."""

import pytest

from shared.events.facts import Level
from shared.events.impact import ImpactFigure, Measure
from shared.events.levels import NEAREST, ToldLevel
from tests.services.matching.scenes import flow, offer


def figure(level: Level | None) -> ImpactFigure:
    return ImpactFigure(measure=Measure.MASS, unit="kg", level=level)


@pytest.mark.parametrize("level", [*Level, None])
def test_a_level_comes_back_whole(level: Level | None) -> None:
    for told in (figure(level), offer(level=level)):
        assert type(told).model_validate_json(told.model_dump_json()).level == level
        assert type(told).model_validate(told.model_dump()) == told


@pytest.mark.parametrize("levels", [(), (Level.RECYCLING,), (Level.ANIMALS,), tuple(Level)])
def test_levels_come_back_whole(levels: tuple[Level, ...]) -> None:
    told = flow(levels=levels)
    assert type(told).model_validate_json(told.model_dump_json()) == told
    assert told.levels == levels


def test_a_reader_of_yesterday_reads_the_nearest_code_it_knows() -> None:
    """INVARIANT: no code leaves that yesterday's reader would refuse."""
    assert figure(Level.ANIMALS).model_dump(mode="json")["level"] == "reuse"
    assert flow(levels=tuple(Level)).model_dump(mode="json")["levels"] == [
        "reuse",
        "preparation",
        "recycling",
        "recovery",
    ]
    assert {NEAREST.get(each, each) for each in Level} == set(ToldLevel)


def test_a_code_of_tomorrow_is_read_as_the_nearest_one_that_was_told() -> None:
    told = ImpactFigure.model_validate({"measure": "mass", "unit": "kg", "level": "reuse", "treatment": "composted"})
    assert told.level is Level.REUSE


def test_what_was_told_before_says_no_treatment() -> None:
    assert figure(Level.REUSE).model_dump(mode="json")["treatment"] is None
    assert flow(levels=(Level.REUSE,)).model_dump(mode="json")["treatments"] == []
