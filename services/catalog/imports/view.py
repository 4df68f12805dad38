"""Imports as pages show them: their state in words, their columns, their counts, what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.catalog.imports.columns import key_of
from services.catalog.imports.files import Sheet
from services.catalog.imports.guide import help_of, title_of
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.models import Import, ImportRefusal, ImportState
from services.catalog.imports.presets import PRESETS, meant_by
from services.catalog.imports.taking import Kind
from services.catalog.imports.uploads import OF_EVERYBODY, OF_ONES_OWN, may_import_for_all
from shared.identity import Identity
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

SAMPLES, SAMPLE_LENGTH = 3, 60

IMPORT_BADGES: Mapping[ImportState, tuple[str, str, str]] = {
    ImportState.MAPPING: ("Colonnes à vérifier", "warn", "list-checks"),
    ImportState.CHECKING: ("À l'essai", "info", "hourglass"),
    ImportState.CHECKED: ("Essayé", "warn", "list-checks"),
    ImportState.RUNNING: ("En cours", "info", "hourglass"),
    ImportState.DONE: ("Terminé", "ok", "circle-check"),
    ImportState.FAILED: ("Interrompu", "err", "circle-alert"),
}
# What a file may hold, and what of it.
WHAT_TABS: Mapping[str, str] = {
    "needs": "Nos besoins",
    "offers": "Nos activités",
    "flows": "Nos gisements",
    "organisations": "Des structures",
    "all-needs": "Les besoins de plusieurs structures",
    "all-offers": "Les activités de plusieurs structures",
    "all-flows": "Les gisements de plusieurs structures",
}
SENTENCES: Mapping[str, str] = {
    "needs": "Ce que votre structure cherche.",
    "offers": "Ce que votre structure sait faire.",
    "flows": "Les matières que votre structure cède.",
    "organisations": "Celles du territoire, avec leur SIRET.",
    "all-needs": "Chaque ligne nomme la sienne.",
    "all-offers": "Chaque ligne nomme la sienne.",
    "all-flows": "Chaque ligne nomme la sienne.",
}
REFUSED_TABS: Mapping[str, str] = {
    "line": "Ligne",
    "heading": "Colonne",
    "written": "Ce qui était écrit",
    "why": "Pourquoi",
}


class ImportLine(NamedTuple):
    """One import in the list; `counts` are its rows taken, unchanged, refused."""

    id: UUID
    file_name: str
    what: str
    badge: tuple[str, str, str]
    counts: tuple[int, int, int]
    begun_at: datetime


class ColumnLine(NamedTuple):
    """One column of a file: its heading, a few of its cells, what it is taken for and who said so."""

    heading: str
    samples: Sequence[str]
    field: str
    by: str


class RefusalLine(NamedTuple):
    """One refused field: its line, its heading in the file, what was written and why it was refused."""

    line: int
    heading: str
    written: str
    why: str
    is_remark: bool


def what_of(job: Import) -> str:
    """What an import was asked to be."""
    return next((code for code, kind in OF_EVERYBODY.items() if job.is_everybodys and kind == job.kind), job.kind)


def what_words(request: Req, what: str) -> str:
    """What a file was asked to be, in words."""
    return gettext(request, WHAT_TABS[what])


def whats(request: Req, member: Identity) -> list[tuple[str, str, str]]:
    """Code, name and help of what a member may import."""
    codes = (*OF_ONES_OWN, *(OF_EVERYBODY if may_import_for_all(member) else ()))
    return [(code, what_words(request, code), gettext(request, SENTENCES[code])) for code in codes]


def badge_of(request: Req, job: Import) -> tuple[str, str, str]:
    """Its state as a badge."""
    words, colour, icon = IMPORT_BADGES[job.state]
    return gettext(request, words), colour, icon


def line_of(request: Req, job: Import) -> ImportLine:
    """An import in the list."""
    counts = (job.created + job.updated, job.unchanged, job.refused)
    what = what_words(request, what_of(job))
    return ImportLine(job.id, job.file_name, what, badge_of(request, job), counts, job.created_at)


def column_lines(job: Import, sheet: Sheet, fields: Sequence[str], learned: Mapping[str, str]) -> list[ColumnLine]:
    """The columns of a file, in its order."""
    known = meant_by(PRESETS[job.preset], job.kind) if job.preset else {}
    return [
        ColumnLine(heading, _samples(sheet, at), name, _by(key_of(heading), name, learned, known))
        for at, (heading, name) in enumerate(zip(sheet.headings, fields, strict=True))
    ]


def field_options(request: Req, kind: Kind) -> list[tuple[str, str]]:
    """What a column may be taken for; what every row needs is marked."""
    language = visit_of(request).language
    named = [(column.name, title_of(column, language) + (" *" if column.required else "")) for column in kind.columns]
    return [("", gettext(request, "Laisser de côté")), *named]


def columns_told(request: Req, kind: Kind) -> list[tuple[str, str, str, bool]]:
    """Title, help, example of each column of a template, and whether every row needs it."""
    language = visit_of(request).language
    return [
        (
            title_of(each, language),
            help_of(kind, each, lambda text: gettext(request, text)),
            each.example,
            each.required,
        )
        for each in kind.columns
    ]


def refusal_lines(request: Req, job: Import, refusals: Sequence[ImportRefusal]) -> list[RefusalLine]:
    """What was refused, by the headings people know."""
    language = visit_of(request).language
    titles = {column.name: title_of(column, language) for column in KINDS[job.kind].columns}
    whole = gettext(request, "Toute la ligne")
    return [
        RefusalLine(each.line, titles.get(each.field, each.field) or whole, each.written, each.why, each.is_remark)
        for each in refusals
    ]


def _samples(sheet: Sheet, at: int) -> list[str]:
    cells = dict.fromkeys(line.cells[at][:SAMPLE_LENGTH] for line in sheet.lines[:50] if at < len(line.cells))
    return [cell for cell in cells if cell][:SAMPLES]


def _by(key: str, name: str, learned: Mapping[str, str], known: Mapping[str, str]) -> str:
    if learned.get(key) == name:
        return "learned"
    if known.get(key) == name:
        return "known"
    return "guessed" if name else ""
