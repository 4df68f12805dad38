"""Exports of others that are recognised by their headings: what their columns are, and what they leave unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.catalog.imports.columns import key_of


@dataclass(frozen=True)
class Preset:
    """A known export: headings that give it away, field by heading, and by kind what every row is taken to say.

    Of the trade name and the name in the register the last that is filled counts, as `Column.together` has it.
    """

    code: str
    marks: frozenset[str]
    headings: Mapping[str, Mapping[str, str]]
    otherwise: Mapping[str, Mapping[str, str]]


# The profiles of the State's inclusive marketplace (lemarche.inclusion.gouv.fr), with the headings of its register.
INCLUSION = Preset(
    code="inclusion",
    marks=frozenset({"siret", "brand", "prestatype", "postcode", "city"}),
    headings={
        "organisations": {
            **{"siret": "siret", "name": "organisation_name", "brand": "organisation_name", "kind": "kinds"},
            **{"naf": "naf", "address": "address", "post_code": "place", "city": "place", "lat": "latitude"},
            **{"lon": "longitude", "website": "website", "description": "description", "legal_form": ""},
        },
        "offers": {
            **{"siret": "organisation", "name": "title", "brand": "title", "description": "description"},
            **{"naf": "naf", "kind": ""},
        },
    },
    otherwise={
        "organisations": {"roles": "ess"},
        # One profile an establishment; it says who they are, so people complete it before it is published.
        "offers": {"external_id": "marche-inclusion", "need_kinds": "procurement", "state": "draft"},
    },
)
PRESETS: Mapping[str, Preset] = {preset.code: preset for preset in (INCLUSION,)}


def preset_of(headings: Iterable[str], kind: str) -> Preset | None:
    """The known export that a file of this kind is, if it is one."""
    keys = {key_of(heading) for heading in headings}
    return next((each for each in PRESETS.values() if kind in each.headings and each.marks <= keys), None)


def meant_by(preset: Preset | None, kind: str) -> dict[str, str]:
    """Field by `key_of` the heading."""
    return {key_of(heading): name for heading, name in preset.headings[kind].items()} if preset else {}


def unsaid_by(code: str | None, kind: str) -> Mapping[str, str]:
    """What the rows of a known export are taken to say where they say nothing."""
    return PRESETS[code].otherwise.get(kind, {}) if code else {}
