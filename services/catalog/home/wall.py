"""The wall of the home page: one brick, one need or one flow that is open now."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from services.catalog.flows.models import Flow
from services.catalog.needs.models import Need
from shared.territory.place import Place

ROWS, IN_A_ROW = 5, 2
# What fits in a brick of the narrowest course, in characters.
LONGEST = 26
# A cut title must not end on one of these.
SMALL_WORDS = frozenset(
    (
        "à",
        "au",
        "aux",
        "avec",
        "de",
        "des",
        "du",
        "dès",
        "en",
        "et",
        "la",
        "le",
        "les",
        "nos",
        "ou",
        "par",
        "pour",
        "sur",
    )
)


class Brick(NamedTuple):
    """One link on the wall; `kind` is its colour: matter, service, or free while nobody fits."""

    title: str
    place: str
    path: str
    kind: str


def wall_of(needs: Sequence[Need], flows: Sequence[Flow]) -> list[list[Brick]]:
    """Courses of two bricks, as many as there is to show: needs and flows in turn, then what is left of either."""
    pairs = zip_longest(map(need_brick, needs), map(flow_brick, flows))
    bricks = [brick for pair in pairs for brick in pair if brick is not None][: ROWS * IN_A_ROW]
    return [bricks[start : start + IN_A_ROW] for start in range(0, len(bricks), IN_A_ROW)]


def need_brick(need: Need) -> Brick:
    """A need: pastel, brick when it seeks a material, dashed while nobody fits."""
    kind = "free" if need.match_count == 0 else "matter" if need.kind == "material" else "service"
    return _brick(need.title, need.place, f"/needs/{need.id}", kind)


def flow_brick(flow: Flow) -> Brick:
    """A flow: matter, dashed while nobody could take it."""
    kind = "free" if flow.match_count == 0 else "matter"
    return _brick(flow.title, flow.place, f"/flows/{flow.id}", kind)


def short_title(title: str) -> str:
    """A title that fits in a brick: whole when it is short, otherwise its first words."""
    if len(title) <= LONGEST:
        return title
    words = title[: LONGEST + 1].split(" ")[:-1]
    while words and words[-1].lower().strip(",;:.") in SMALL_WORDS:
        words.pop()
    return " ".join(words).rstrip(",;:. ") + "…" if words else f"{title[: LONGEST - 1]}…"


def _brick(title: str, place: Place | None, path: str, kind: str) -> Brick:
    where = (place.label or place.commune_name) if place else ""
    # The second line says the place: a title that ends with it need not.
    return Brick(short_title(title.removesuffix(f", {where}")), where, path, kind)
