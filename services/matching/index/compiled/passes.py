"""How the passes are compiled, and what they hand to each other.

What is compiled is kept on disk, in a folder named by the sources of all passes: a pass that calls another one holds a
copy of it, which numba would not see change. For the same reason whatever may change comes as an argument.
"""

import atexit
import os
import shutil
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

import numba

from services.matching.index.compiled.layout import Rows

HERE: Final = Path(__file__).parent


def _kept_in() -> Path:
    sources = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    name = f"passes-{blake2b(sources + numba.__version__.encode(), digest_size=8).hexdigest()}"
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


# Numbers of constraints, as the passes return them; 0 is a match. A minimum is the supply's, or the demand's own.
MATCH, AREA, RADIUS, WINDOW, PERMIT, LEGAL_STATUS, ELIGIBILITY, SUPPLIER_KIND, MINIMUM, PAUSED, OWN_MINIMUM = range(11)

# What a zone row says of the place asked for.
NEAR_IT, COVERS_IT = 1, 2


class Side(NamedTuple):
    """The rows of one side: records, their lists, and the amounts that both sides number alike."""

    records: Rows
    pool: Rows
    amounts: Rows


class Query(NamedTuple):
    """What is worked out once for a query.

    `near` is the proximity of each category to the asker's; `terms` a table of the asker's words, as `word_slot` finds
    them. Forward (a demand asks) `by_category` is what each category is worth by the demand's codes; backward (a supply
    asks) `implied_ewc` and `implied_cpv` are the codes that its categories stand for.
    """

    near: Rows
    terms: Rows
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
    """Room for one search: of each candidate its slot and mark, its points and of how many, its distance and gap."""

    slots: Rows
    marks: Rows
    totals: Rows
    wholes: Rows
    km: Rows
    evident: Rows
    gaps: Rows


class Found(NamedTuple):
    """The best so far of a query: a heap whose root is the worst of them; `size` is one number in an array."""

    scores: Rows
    slots: Rows
    gaps: Rows
    size: Rows
