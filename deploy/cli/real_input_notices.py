"""Published French notices as rows to import: their named buyers, and one need each, its dates shifted to the future.

- **Which.** Of the notices in French (`lang` FR) from France and its overseas departments, ordered by `doc_id`, the
  first 300. Those after are kept to measure with. Belgian and Luxembourg notices have no place in a French gazetteer.
- **Buyers.** One organisation per buyer's name (accents and case apart), without a SIRET because notices carry none,
  marked synthetic, placed in the town of its first notice.
- **Dates.** A notice says only when it was published. The deadline is the next day of that month and day at least 21
  days after the import; the start is 60 days later.
- **Needs.** `procurement`, a public tender. CPV codes as published; categories are the first two that the main code
  stands for, else those that the title suggests. The lots' titles and texts follow the description.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha1
from typing import Any

from services.catalog.imports.files import Line, Sheet
from shared.vocabulary import by_cpv, fold

WANTED = 300
# The file's country codes of France: departments that Eurostat counts as countries of their own, with INSEE's code.
FRANCE: Mapping[str, str] = {"FR": "", "GP": " (971)", "MQ": " (972)", "GF": " (973)", "RE": " (974)", "YT": " (976)"}
SOONEST = timedelta(days=21)
TO_START = timedelta(days=60)
LONGEST_TITLE, LONGEST_TEXT = 200, 10_000
# One category: what a CPV code leads to after the longest prefix is a neighbour, not the subject.
MOST_CPV, MOST_CATEGORIES = 10, 1

BUYER_HEADINGS = ("external_id", "organisation_name", "place", "roles")
NEED_HEADINGS = (
    *("external_id", "organisation", "kind", "title", "description", "categories", "cpv", "place"),
    *("deadline_on", "starts_on", "procurement_mode", "public_tender", "tender_url", "tender_reference"),
)

Notice = Mapping[str, str]


def chosen(source: Sequence[Notice]) -> tuple[list[tuple[int, Notice]], list[Notice]]:
    """The first 300 usable notices with their lines in the file, and those that are left."""
    usable = [
        (line, row) for line, row in enumerate(source, start=2) if row["lang"] == "FR" and row["country"] in FRANCE
    ]
    usable.sort(key=lambda pair: pair[1]["doc_id"])
    return usable[:WANTED], [row for _, row in usable[WANTED:]]


def buyers_sheet(notices: Sequence[tuple[int, Notice]]) -> Sheet:
    """One row per named buyer, at the line of its first notice."""
    first: dict[str, tuple[int, Notice]] = {}
    for line, row in notices:
        first.setdefault(buyer_id(row), (line, row))
    lines = (
        Line(line, (key, row["buyer"][:LONGEST_TITLE] or "Acheteur non nommé", place_of(row), "buyer"))
        for key, (line, row) in first.items()
    )
    return Sheet(BUYER_HEADINGS, tuple(lines))


def needs_sheet(notices: Sequence[tuple[int, Notice]], today: date) -> Sheet:
    """One row per notice."""
    return Sheet(NEED_HEADINGS, tuple(Line(line, _need(row, today)) for line, row in notices))


def _need(row: Notice, today: date) -> tuple[str, ...]:
    draft = need_of(row, today)
    head = (f"ted-{row['doc_id']}", buyer_id(row), "procurement")
    return (
        *head,
        *(draft["title"], draft["description"], "|".join(draft["categories"]), "|".join(draft["cpv"]), draft["place"]),
        *(draft["deadline_on"], draft["starts_on"], "tender", "yes", draft["tender_url"], draft["tender_reference"]),
    )


def need_of(row: Notice, today: date) -> dict[str, Any]:
    """A notice as the JSON of a need."""
    codes = [code for code in dict.fromkeys((row["cpv_main"], *row["cpv_all"].split())) if len(code) == 8]
    deadline = shifted(row["date"], today)
    return {
        "title": _cut(row["title"], LONGEST_TITLE),
        "description": _cut(_text(row), LONGEST_TEXT),
        "categories": [each.id for each in by_cpv(row["cpv_main"])[:MOST_CATEGORIES]],
        "cpv": codes[:MOST_CPV],
        "place": place_of(row),
        "deadline_on": deadline.isoformat(),
        "starts_on": (deadline + TO_START).isoformat(),
        "public_tender": True,
        "tender_url": address_of(row),
        "tender_reference": row["doc_id"],
    }


def buyer_id(row: Notice) -> str:
    """A name for the buyer's name."""
    return f"ted-{sha1(fold(row['buyer']).encode(), usedforsecurity=False).hexdigest()[:12]}"


def address_of(row: Notice) -> str:
    """Where the notice is read: `000002-2019` is number 2 of 2019."""
    number, _, year = row["doc_id"].partition("-")
    return f"https://ted.europa.eu/fr/notice/-/detail/{int(number)}-{year}"


def place_of(row: Notice) -> str:
    """The town as the gazetteer reads it."""
    return row["town"].replace("Cédex", "Cedex") + FRANCE.get(row["country"], "")


def shifted(published: str, today: date) -> date:
    """The next day with the month and day of `20190102`, at least 21 days ahead; 29 February becomes 28."""
    month, day = int(published[4:6]), int(published[6:8])
    soonest = today + SOONEST
    candidate = date(soonest.year, month, min(day, 28) if month == 2 else day)
    return candidate if candidate >= soonest else candidate.replace(year=soonest.year + 1)


def _text(row: Notice) -> str:
    lots = json.loads(row["lots"] or "[]")
    parts = (f"{lot.get('title', '')} {lot.get('descr', '')}".strip() for lot in lots)
    return "\n\n".join(dict.fromkeys(part for part in (row["descr"], *parts) if part))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"
