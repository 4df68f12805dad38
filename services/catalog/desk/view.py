"""The lines of a dashboard: what an organisation published, how far each is, and what is not finished."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.catalog.flows.models import Flow
from services.catalog.flows.view import BADGES as FLOW_BADGES
from services.catalog.needs.models import Need
from services.catalog.needs.view import BADGES as NEED_BADGES
from services.catalog.offers.models import Offer
from services.catalog.offers.view import BADGES as OFFER_BADGES
from shared.clock import day_of
from shared.web.i18n import spelled
from shared.web.pages import Req, gettext

DRAFT = "draft"
ENDED = frozenset({"closed", "withdrawn", "ended"})


class Line(NamedTuple):
    """One thing of the organisation's; `found` is how many fit it, None while nobody counted."""

    title: str
    path: str
    icon: str
    state: str
    badge: tuple[str, str, str]
    found: int | None
    until: date | None
    touched_at: datetime


class Board(NamedTuple):
    """An organisation's things by what is to be done with them."""

    demands: list[Line]
    offers: list[Line]
    drafts: list[Line]
    ended: list[Line]

    @property
    def is_new(self) -> bool:
        """True when nothing was ever written."""
        return not any(self)


def board_of(lines: Sequence[Line], offers: Sequence[Line]) -> Board:
    """Sort lines, the latest touched first, into what runs, what is not finished and what is over."""
    everything = sorted([*lines, *offers], key=lambda line: line.touched_at, reverse=True)
    return Board(
        demands=[line for line in lines if _runs(line)],
        offers=[line for line in offers if _runs(line)],
        drafts=[line for line in everything if line.state == DRAFT],
        ended=[line for line in everything if line.state in ENDED],
    )


def _runs(line: Line) -> bool:
    return line.state != DRAFT and line.state not in ENDED


def need_line(request: Req, need: Need) -> Line:
    """A need, with how many suppliers fit it."""
    found = need.match_count if need.is_open else None
    line = _line(request, need, NEED_BADGES[need.state], path="/needs", icon="clipboard-list", found=found)
    return line._replace(until=need.deadline_on)


def flow_line(request: Req, flow: Flow) -> Line:
    """A flow, with how many takers fit it."""
    found = flow.match_count if flow.is_open else None
    return _line(request, flow, FLOW_BADGES[flow.state], path="/flows", icon="package-open", found=found)


def offer_line(request: Req, offer: Offer) -> Line:
    """An offer: a standing promise, nobody counts what it finds."""
    return _line(request, offer, OFFER_BADGES[offer.state], path="/offers", icon="hand-heart", found=None)


def _line(
    request: Req, row: Need | Flow | Offer, badge: tuple[str, str, str], *, path: str, icon: str, found: int | None
) -> Line:
    words, kind, sign = badge
    return Line(
        title=row.title,
        path=f"{path}/{row.id}",
        icon=icon,
        state=row.state,
        badge=(gettext(request, words), kind, sign),
        found=found,
        until=row.ends_on,
        touched_at=row.updated_at,
    )


def long_day(moment: datetime, language: str) -> str:
    """« Mardi 24 novembre », as a page is headed."""
    text = spelled(day_of(moment), "EEEE d MMMM", language)
    return text[0].upper() + text[1:]
