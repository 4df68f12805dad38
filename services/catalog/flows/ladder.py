"""What may become of a flow, best first: the waste hierarchy, or food's own: people, animals, then material. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.catalog.flows.models import Flow
from shared.events.facts import Level
from shared.phrases.names import FOOD_LEVELS, LEVELS, Names, named
from shared.vocabulary import is_fed, is_food, is_kitchen_waste


class Ladder(NamedTuple):
    """The levels one may choose from, those that go before all else, and what they are called; all best first."""

    levels: tuple[Level, ...]
    first: tuple[Level, ...]
    names: Names


# Code de l'environnement, L. 541-1, II; for food L. 541-15-4: people, animals, compost and energy.
MATERIAL = Ladder(
    (Level.REUSE, Level.PREPARATION, Level.RECYCLING, Level.RECOVERY), (Level.REUSE, Level.PREPARATION), LEVELS
)
FED = Ladder(tuple(Level), (Level.REUSE, Level.PREPARATION, Level.ANIMALS), LEVELS)
FOOD = Ladder((Level.REUSE, Level.ANIMALS, Level.RECYCLING, Level.RECOVERY), (Level.REUSE, Level.ANIMALS), FOOD_LEVELS)


def ladder_of(categories: Iterable[str], ewc: Iterable[str]) -> Ladder:
    """The ladder of what these categories and waste codes say; without animals where the law keeps it from them."""
    kinds, codes = tuple(categories or ()), tuple(ewc or ())
    found = FOOD if is_food(kinds) else FED if is_fed(kinds) else MATERIAL
    return _without(Level.ANIMALS, found) if is_kitchen_waste(kinds, codes) else found


def ladder_of_flow(flow: Flow) -> Ladder:
    """The same, of a flow; without people where it is food that is legally waste."""
    found = ladder_of(flow.categories, flow.ewc)
    return _without(Level.REUSE, found) if flow.is_discarded_food else found


def is_on_food_ladder(flow: Flow) -> bool:
    """True when people go first, then animals."""
    return is_food(flow.categories or ())


def levels_of(flow: Flow) -> list[Level]:
    """What a taker chooses from: what its holder wants, or its whole ladder; best first."""
    ladder = ladder_of_flow(flow)
    wanted = [level for level in Level if level in (flow.levels or ladder.levels)]
    return [level for level in wanted if level is not Level.REUSE or not flow.is_discarded_food]


def level_words(flow: Flow, levels: Sequence[str], language: str) -> str:
    """Levels as one says them of this flow."""
    names = ladder_of_flow(flow).names
    return ", ".join(named(names, level, language) for level in levels)


def _without(level: Level, ladder: Ladder) -> Ladder:
    levels, first = ([each for each in part if each is not level] for part in ladder[:2])
    return Ladder(tuple(levels), tuple(first), ladder.names)
