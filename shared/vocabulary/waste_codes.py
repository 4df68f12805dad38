"""Codes of the European list of waste (decision 2000/532/EC as amended): form, existence, hazard, printing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).parent / "waste_codes.toml"
_FORM: Final = re.compile(r"\s*(\d\d)[ .]?(\d\d)[ .]?(\d\d)\s*(\*?)\s*")


class WasteCodeUnknown(ValueError):
    """The text is not a code of the European list of waste."""


@dataclass(frozen=True, slots=True, order=True)
class EWC:
    """One code of the list: six digits and whether the list stars it as hazardous."""

    code: str
    hazardous: bool

    @classmethod
    def parse(cls, written: str) -> EWC:
        """From "15 01 03", "150103" or "16 02 13*"; refuses a star the list does not give, adds one that lacks."""
        form = _FORM.fullmatch(written)
        code = "".join(form.groups()[:3]) if form else ""
        hazardous = known_waste_codes().get(code)
        if form is None or hazardous is None or (form[4] and not hazardous):
            raise WasteCodeUnknown(written)
        return cls(code, hazardous)

    def __str__(self) -> str:
        star = "*" if self.hazardous else ""
        return f"{self.code[:2]} {self.code[2:4]} {self.code[4:]}{star}"


def is_hazardous(code: str) -> bool:
    """Whether the list stars this code, written in any usual way; refuses with WasteCodeUnknown."""
    return EWC.parse(code).hazardous


def is_waste_code(written: str) -> bool:
    try:
        EWC.parse(written)
    except WasteCodeUnknown:
        return False
    return True


@cache
def known_waste_codes() -> Mapping[str, bool]:
    """Every code of the list, six digits, with its star."""
    subchapters: dict[str, str] = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {
        subchapter + ending.rstrip("*"): ending.endswith("*")
        for subchapter, endings in subchapters.items()
        for ending in endings.split()
    }
