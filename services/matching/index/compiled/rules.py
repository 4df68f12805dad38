"""The table of weights and the vocabulary as the compiled passes take them: arrays of numbers."""

from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from services.matching.index.compiled.layout import Rows
from services.matching.index.compiled.numbering import packed_code
from services.matching.index.compiled.passes import KEPT_IN, Rules, Vocabulary
from services.matching.ranking import features
from services.matching.ranking.weights import Weights
from shared import vocabulary
from shared.events.facts import Level
from shared.events.reasons import Feature
from shared.territory.place import EARTH_RADIUS_KM
from shared.vocabulary import CodeScheme, categories, plain_code, proximity
from shared.vocabulary.crosswalk import WORTH

ORDER = (
    Feature.CATEGORY,
    Feature.CODE,
    Feature.TEXT,
    Feature.DISTANCE,
    Feature.QUANTITY,
    Feature.SERVICE_TYPE,
    Feature.LEVEL,
    Feature.SOCIAL,
    Feature.FRESHNESS,
)
"""The features as the passes number them, and in the order in which `points_of` adds them up."""


def rules_of(table: Weights) -> Rules:
    """A table of weights for the compiled passes."""
    return Rules(
        points=np.array([table.points[each] for each in ORDER], dtype=np.float64),
        floors=np.array([table.relevance[each] for each in ORDER[:3]], dtype=np.float64),
        match_from=float(table.match_from),
        near_miss_from=float(table.near_miss_from),
        shown=np.array(table.shown, dtype=np.float64),
        inferred=features.INFERRED,
        from_category=features.FROM_CATEGORY,
        half_text=features.HALF_TEXT,
        distance_scale_km=features.DISTANCE_SCALE_KM,
        fresh_seconds=features.FRESH_DAYS * 86_400,
        unsaid=features.UNSAID,
        levels=np.array([features.LEVEL_WORTH[each] for each in Level]),
        social=np.array([0.0, features.SOCIAL_ECONOMY, features.INCLUSION]),
        ewc_worth=_worth("ewc"),
        cpv_worth=_worth("cpv"),
        earth_km=EARTH_RADIUS_KM,
    )


def _worth(scheme: CodeScheme) -> Rows:
    """What two codes that differ are worth by the number of digits they share, 0 to 8."""
    lengths = [(length, worth) for length, worth in WORTH[scheme] if worth < 1]
    return np.array([next((worth for length, worth in lengths if length <= shared), 0.0) for shared in range(9)])


@cache
def vocabulary_of_today() -> Vocabulary:
    """The vocabulary for the compiled passes."""
    return Vocabulary(proximities(), *_codes_of_categories("ewc"), *_codes_of_categories("cpv"))


def _codes_of_categories(scheme: CodeScheme) -> tuple[Rows, Rows]:
    """Where the codes of each category begin, and the codes."""
    said = [each.ewc if scheme == "ewc" else each.cpv for each in categories().values()]
    codes = [[packed_code(plain_code(code, scheme)) for code in each] for each in said]
    starts = np.cumsum([0, *(len(each) for each in codes)])
    return starts.astype(np.int64), np.array([code for each in codes for code in each], dtype=np.uint32)


@cache
def proximities() -> Rows:
    """How near each two categories are, in the vocabulary's order, and none (0) in the last column.

    Worked out once for a vocabulary, and kept.
    """
    kept = KEPT_IN / f"proximities-{_vocabulary()}.npy"
    if kept.exists():
        near: Rows = np.load(kept)
        return near
    near = _worked_out()
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=KEPT_IN, suffix=".npy", delete=False) as beside:
        np.save(beside, near)
    Path(beside.name).replace(kept)
    return near


def _worked_out() -> Rows:
    known = list(categories())
    near = np.eye(len(known), len(known) + 1)
    for number, one in enumerate(known):
        for other in range(number):
            near[number, other] = near[other, number] = proximity(one, known[other])
    return near


def _vocabulary() -> str:
    """What names the vocabulary: its files, words and rules."""
    folder = Path(vocabulary.__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml"))
    return blake2b(b"".join(path.read_bytes() for path in files), digest_size=8).hexdigest()
