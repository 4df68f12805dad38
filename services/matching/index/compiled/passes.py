"""How the passes are compiled, and what they hand to each other.

What is compiled is kept on disk, in a folder named by the sources of all passes and of their constants: a pass that
calls another one holds a copy of it, which numba would not see change. For the same reason whatever may change comes as
an argument.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numba
import numpy as np
from numba.extending import register_jitable

from services.matching.index.compiled.layout import BROW, COUNTED, Rows
from services.matching.ranking import constraints
from shared.territory import place

Plain = TypeVar("Plain", bound=Callable[..., Any])

HERE: Final = Path(__file__).parent


def sources() -> list[Path]:
    """What passes are made of: their own, and where the kilometres come from that are constants in them."""
    return [*sorted(HERE.glob("*.py")), Path(constraints.__file__), Path(place.__file__)]


def digest_of(paths: Iterable[Path], *more: str) -> str:
    """Names what some files say."""
    said = b"".join(path.read_bytes() for path in paths)
    return blake2b(said + "".join(more).encode(), digest_size=8).hexdigest()


def _kept_in() -> Path:
    name = f"passes-{digest_of(sources(), numba.__version__)}"
    beside = HERE / "__pycache__"
    if os.access(beside if beside.exists() else HERE, os.W_OK):
        return beside / name
    return _copied(beside / name)


def _copied(folder: Path) -> Path:
    """A copy of our own, where nothing of the program may be written: numba only reads where it could write."""
    copy = Path(tempfile.mkdtemp(prefix="boucle-passes-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    if folder.exists():
        shutil.copytree(folder, copy, dirs_exist_ok=True)
    return copy


KEPT_IN: Final = _kept_in()
numba.config.CACHE_DIR = str(KEPT_IN)  # type: ignore[attr-defined]


def compiled(function: Any) -> Any:
    """A pass: compiled when first called, kept on disk, and other threads run meanwhile."""
    return numba.njit(function, nogil=True, cache=True)


def also_compiled(function: Plain) -> Plain:
    """A function of Python that passes may call as well."""
    registered: Plain = register_jitable(function)
    return registered


# Numbers of constraints, as the passes return them; 0 is a match. A minimum is the supply's, or the demand's own.
MATCH, AREA, RADIUS, WINDOW, PERMIT, LEGAL_STATUS, ELIGIBILITY, SUPPLIER_KIND, MINIMUM, PAUSED, OWN_MINIMUM = range(11)

# What is marked of a row: what its zones say of the place asked for (`LATE` covers it on other days), or that it is no
# more.
NOTHING_YET, NEAR_IT, LATE, COVERS_IT, TAKEN_OUT = range(5)
# What is noted of a candidate in hand instead of `COVERS_IT`: it fits, if it is relevant.
FITS: Final = TAKEN_OUT + 1

AT_ONCE: Final = 4096
"""Candidates that the passes go through together: what they note of them stays in near memory, and rounds are few."""


FEW: Final = 128
"""So many of the first are gone through together, then twice as many: what they score leaves out others early."""

BITS, BLOCK = 304, 512
"""Bits of a signature, and how many rows' signatures lie together: a line of memory holds one bit of all of them."""

NO_BROWS: Final = np.zeros(0, dtype=BROW)
NO_SIGNS: Final = np.zeros((0, BITS, BLOCK // 8), dtype=np.uint8)

SETS: Final = COUNTED + 1
"""How many sets of features a demand may let count."""

BANDS_KM: Final = (0.0, 20.0, 60.0, 150.0)
"""From how many kilometres on each band of distance is: what a distance is worth at most is told by these."""
BAND: Final = 29
"""Where the band begins in a listed slot."""
SLOT: Final = np.uint64((1 << BAND) - 1)
"""The bits below it."""


class Side(NamedTuple):
    """The rows of one side: heads, records, their lists, and the amounts that both sides number alike.

    `signs` are the signatures of their texts, `brows` what is read first of them; who asks needs no signatures.
    """

    heads: Rows
    records: Rows
    pool: Rows
    amounts: Rows
    signs: Rows = NO_SIGNS
    brows: Rows = NO_BROWS


class Looked(NamedTuple):
    """What of the side that is searched is alike for supplies and demands, and read first."""

    heads: Rows
    pool: Rows
    signs: Rows
    brows: Rows


class Sought(NamedTuple):
    """What is sought where: `kinds` are the bits of what is asked or served; `forward`, a demand asks.

    `places` are the zones of a supply (`PLACE`), or the one place of a demand, which the `areas` hold; `today` counts
    as records do.
    """

    kinds: int
    places: Rows
    areas: Rows
    forward: bool
    today: int


class Vocabulary(NamedTuple):
    """How `near` each two categories are, and the codes of each: where they begin, and the codes."""

    near: Rows
    ewc_starts: Rows
    ewc: Rows
    cpv_starts: Rows
    cpv: Rows


class Query(NamedTuple):
    """What is worked out once for a query.

    `kinds` are the bits of what is asked; `near` is the proximity of each category to the asker's; `terms` a table of
    the asker's words, each alone where `word_slot` finds it by `factor` and `shift`, `bits` and `sums` what signatures
    are asked about them, eight at a time, and `most_text` what sharing all of them would be worth. Forward (a demand
    asks) `by_category` is what each category is worth by the demand's codes; backward (a supply asks) `implied_ewc` and
    `implied_cpv` are the codes that its categories stand for.
    """

    kinds: int
    near: Rows
    terms: Rows
    factor: np.uint32
    shift: np.uint32
    bits: Rows
    sums: Rows
    most_text: float
    by_category: Rows
    implied_ewc: Rows
    implied_cpv: Rows
    forward: bool
    today: int


class Rules(NamedTuple):
    """The table of weights in force, with the constants of the features."""

    points: Rows
    floors: Rows
    match_from: float
    near_miss_from: float
    shown: Rows
    inferred: float
    from_category: float
    half_text: float
    distance_scale_km: float
    fresh_seconds: float
    unsaid: float
    levels: Rows
    social: Rows
    ewc_worth: Rows
    cpv_worth: Rows
    earth_km: float


class Working(NamedTuple):
    """Of each candidate in hand its slot, mark and band of distance, its points and of how many, what its text is worth
    at most, its distance and gap.

    Of each set of features that a demand may let count, of how many points the last of them are; and by band, how many
    they give at most, and how near categories must be at the lowest, and by mark.
    """

    to_come: Rows
    at_most: Rows
    lowest: Rows
    enough: Rows
    touched: Rows
    slots: Rows
    marks: Rows
    bands: Rows
    totals: Rows
    wholes: Rows
    texts: Rows
    km: Rows
    evident: Rows
    gaps: Rows


class Room(NamedTuple):
    """Room for one search: the marks of all rows, the slots of candidates, and what is noted of those in hand.

    The bits of a slot from `BAND` on are a candidate's band of distance.
    """

    marks: Rows
    slots: Rows
    work: Working


def working(at_once: int = AT_ONCE) -> Working:
    """Room for the candidates in hand."""
    return Working(
        to_come=np.zeros(SETS),
        at_most=np.zeros((len(BANDS_KM), SETS)),
        lowest=np.full((len(BANDS_KM), SETS), 2.0),
        enough=np.full((FITS + 1, len(BANDS_KM), SETS), 2.0),
        touched=np.zeros(1, dtype=np.uint32),
        slots=np.zeros(at_once, dtype=np.uint32),
        marks=np.zeros(at_once, dtype=np.uint8),
        bands=np.zeros(at_once, dtype=np.uint8),
        totals=np.zeros(at_once),
        wholes=np.zeros(at_once),
        texts=np.zeros(at_once),
        km=np.zeros(at_once),
        evident=np.zeros(at_once, dtype=np.bool_),
        gaps=np.zeros(at_once, dtype=np.int8),
    )
