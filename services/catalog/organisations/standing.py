"""What an organisation is in law and may do, as pages show it: each with source, date, end and check."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.catalog.organisations.models import Organisation
from services.catalog.organisations.site import Site
from shared.events.facts import Permit
from shared.phrases.names import ELIGIBILITIES, PERMITS, STATUS_SOURCES, SUPPLIER_KINDS, named

# From when on an end is told beforehand: papers take weeks to renew.
TOLD_BEFORE = timedelta(days=60)
STATUSES = {**SUPPLIER_KINDS, **ELIGIBILITIES}


class StatusLine(NamedTuple):
    """One thing it is or may do; `days` are those left, below zero once it has expired, None without an end."""

    code: str
    name: str
    source: str
    stated_on: date
    expires_on: date | None
    checked_on: date | None
    days: int | None


class PermitLine(NamedTuple):
    """One permit, with the days left as above."""

    name: str
    expires_on: date | None
    days: int | None


class Ending(NamedTuple):
    """Something that ends soon or has ended: what it is, where it is mended, and the days left."""

    name: str
    path: str
    expires_on: date
    days: int


def status_lines(organisation: Organisation, language: str, today: date) -> list[StatusLine]:
    """What its legal entity states."""
    return [
        StatusLine(
            code=fact.code,
            name=named(STATUSES, fact.code, language),
            source=named(STATUS_SOURCES, fact.source, language),
            stated_on=fact.stated_on,
            expires_on=fact.expires_on,
            checked_on=fact.checked_on,
            days=_days(fact.expires_on, today),
        )
        for fact in organisation.legal_entity.all_facts(today)
        if fact.refused_on is None
    ]


def permit_lines(permits: Iterable[Permit], language: str, today: date) -> list[PermitLine]:
    """Permits, in words."""
    return [
        PermitLine(named(PERMITS, each.code, language), each.expires_on, _days(each.expires_on, today))
        for each in permits
    ]


def endings(organisation: Organisation, sites: Sequence[Site], language: str, today: date) -> list[Ending]:
    """Statuses and permits that end within sixty days or have ended, the nearest end first."""
    found = [
        Ending(line.name, "/organisation/statuses", line.expires_on, line.days or 0)
        for line in status_lines(organisation, language, today)
        if line.expires_on is not None
    ]
    for site in sites:
        path = f"/organisation/sites/{site.id}"
        found += [
            Ending(f"{line.name} ({site.name})", path, line.expires_on, line.days or 0)
            for line in permit_lines(site.permits, language, today)
            if line.expires_on is not None
        ]
    near = [each for each in found if each.days <= TOLD_BEFORE.days]
    return sorted(near, key=lambda each: (each.expires_on, each.name))


def _days(end: date | None, today: date) -> int | None:
    return (end - today).days if end is not None else None
