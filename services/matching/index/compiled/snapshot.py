"""The index on disk: its arrays as they are, the numbers of its words, and how far it had read.

Written beside and moved into place at once, so a process that dies while it writes leaves the one before. It is only
a faster start: whatever does not fit this code and this vocabulary is not read, and the database is read instead.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np

from services.matching import ranking
from services.matching.index.compiled.layout import AMOUNT, BROW, DEMAND, HEAD, RIM, SUPPLY, ZONE, Rows
from services.matching.index.compiled.numbering import Numbering, Numbers, OnceEach
from services.matching.index.compiled.passes import digest_of, sources
from services.matching.index.compiled.rack import Rack, repacked
from services.matching.index.compiled.searching import Engine
from services.matching.index.compiled.segments import Tier
from services.matching.ranking.weights import weights
from shared.phrases import names
from shared.vocabulary import categories

FORMAT: Final = 4
# What decides what rows hold, beside the categories and the dated limits of weights.
RANKING: Final = Path(ranking.__file__).parent
MADE_BY: Final = (*sources(), *sorted(RANKING.glob("*.py")), RANKING / "weights.toml", Path(names.__file__))
NAMED: Final = ("terms", "units", "permits", "areas", "epcis", "kinds")
ONCE_EACH: Final = {"amounts": AMOUNT, "rims": RIM}
SIDES: Final = {"supplies": SUPPLY, "demands": DEMAND}


def fingerprint() -> str:
    """What a snapshot must have been made by: this program, with these categories and these limits in force."""
    known = json.dumps([asdict(each) for each in categories().values()], default=sorted)
    table = weights()
    return digest_of(MADE_BY, known, f"{FORMAT} {table.receipt_kg} {table.receipt_hazardous_kg}")


def save(engine: Engine, folder: Path, seen: Mapping[str, int], *, of: str) -> None:
    """Write the living rows; `seen` is the number of the last change that each side holds, `of` names the database."""
    beside = folder.with_name(f"{folder.name}.{uuid4().hex}")
    beside.mkdir(parents=True)
    try:
        for side in SIDES:
            _save_rack(getattr(engine, side), beside / side)
        for name in ONCE_EACH:
            np.save(beside / f"{name}.npy", getattr(engine.numbering, name).lines)
        named = {name: list(getattr(engine.numbering, name)) for name in NAMED}
        about = {"fingerprint": fingerprint(), "of": of, "seen": dict(seen), **named}
        (beside / "about.json").write_text(json.dumps(about), encoding="utf-8")
        _flush(beside)
        _put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def load(engine: Engine, folder: Path, *, of: str, until: int) -> dict[str, int] | None:
    """Fill an empty engine; returns what was seen, or None when nothing fits this code and database `until` now."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if (about["fingerprint"], about["of"]) != (fingerprint(), of) or max(about["seen"].values()) > until:
            return None
        racks = {side: _rack_arrays(folder / side, dtype) for side, dtype in SIDES.items()}
        once_each = {name: np.load(folder / f"{name}.npy").view(dtype) for name, dtype in ONCE_EACH.items()}
    except (OSError, ValueError, KeyError):
        return None
    _number(engine.numbering, about, once_each)
    for side, (tags, brows, heads, records, pool, *rows) in racks.items():
        rack: Rack = getattr(engine, side)
        rack.take(brows, heads, records, pool, Tier(*rows))
        rack.tags = tags
    seen: dict[str, int] = about["seen"]
    return seen


def sweep(folder: Path) -> None:
    """Take away what processes that died while they wrote left beside."""
    for beside in folder.parent.glob(f"{folder.name}.*"):
        shutil.rmtree(beside, ignore_errors=True)


def _save_rack(rack: Rack, folder: Path) -> None:
    folder.mkdir()
    order, *lines, rows = repacked(rack)
    for name, array in zip(ARRAYS, (rack.tags[order], *lines, *rows), strict=True):
        np.save(folder / f"{name}.npy", array)


ARRAYS: Final = ("tags", "brows", "heads", "records", "pool", "keys", "starts", "zones")


def _rack_arrays(folder: Path, dtype: "np.dtype[Any]") -> list[Rows]:
    """A file does not say that records are aligned, and to the passes one that is not would be of another kind."""
    kinds = {"brows": BROW, "heads": HEAD, "records": dtype, "zones": ZONE}
    arrays = {name: np.load(folder / f"{name}.npy") for name in ARRAYS}
    return [array.view(kinds[name]) if name in kinds else array for name, array in arrays.items()]


def _number(numbering: Numbering, about: Mapping[str, Any], once_each: Mapping[str, Rows]) -> None:
    for name in NAMED:
        setattr(numbering, name, Numbers({word: number for number, word in enumerate(about[name], start=1)}))
    for name, lines in once_each.items():
        setattr(numbering, name, OnceEach(lines))


def _flush(folder: Path) -> None:
    """On disk before it has its name: after a power cut, an array may else have its length and not its contents."""
    for path in folder.rglob("*.*"):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _put_in_place(beside: Path, folder: Path) -> None:
    """A folder cannot be replaced by another in one step: the old one steps aside first, and whoever reads meanwhile
    finds nothing and reads the database."""
    old = folder.with_name(f"{folder.name}.{uuid4().hex}")
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
