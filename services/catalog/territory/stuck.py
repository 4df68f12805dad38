"""What is stuck, as the cockpit shows it: since when, in which basket, whom to call next and what about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.flows.models import Flow
from services.catalog.followups.models import FollowUp
from services.catalog.followups.queries import latest_with, phones_of
from services.catalog.followups.view import result_words
from services.catalog.needs.models import Need
from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.organisations.places import place_words
from services.catalog.parameters.definitions import Code
from services.catalog.parameters.models import Figure, value_of
from services.catalog.parameters.queries import figures_of
from services.catalog.territory.queries import (
    flows_waiting,
    needs_waiting,
    organisations_standing,
    silent_organisations,
    unmatched_needs,
    untaken_flows,
)
from shared.clock import day_of
from shared.database import now_of
from shared.phrases.coordination import NEXT_STEPS
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

LEVELS = (Code.STUCK_FIRST, Code.STUCK_SECOND, Code.STUCK_THIRD)
LOOKS = (Code.LOOK_WITHIN, Code.LOOK_LATE)
ICONS = {"need": "clipboard-list", "flow": "package-open", "silent": "building-2", "look": "badge-check"}


class Limits(NamedTuple):
    """The days after which something moves to the next basket, and those within which a coordinator looks."""

    baskets: tuple[int, int, int]
    look_within: int
    look_late: int

    @classmethod
    def of(cls, figures: Iterable[Figure], day: date) -> "Limits":
        """As the parameters say on a day."""
        figures = list(figures)
        first, second, third, within, late = (int(value_of(figures, code, on=day)) for code in (*LEVELS, *LOOKS))
        return cls((first, second, third), within, late)

    def basket(self, days: int) -> int:
        """0 before the first, then 1 to 3."""
        return sum(days >= each for each in self.baskets)


class Thing(NamedTuple):
    """Something that moves no more: of which kind, whose, since when."""

    kind: str
    row: Need | Flow | Organisation
    since: datetime

    @property
    def organisation(self) -> Organisation:
        """Whom to call about it."""
        return self.row if isinstance(self.row, Organisation) else self.row.organisation


class Stuck(NamedTuple):
    """A line of the cockpit; `basket` is 0 to 3, `days` how long it stands, `called` what came of the last call."""

    icon: str
    title: str
    path: str
    owner: str
    place: str
    since: str
    exact: str
    days: int
    basket: int
    next_step: str
    phone: str
    called: tuple[str, str, str] | None
    log: str


class Told(NamedTuple):
    """What is known when a line is written: language, moment, the last contact with its organisation, a number."""

    language: str
    now: datetime
    last: FollowUp | None
    phone: str


async def limits_of(session: AsyncSession) -> Limits:
    """What the territory set for today."""
    return Limits.of(await figures_of(session, *LEVELS, *LOOKS), day_of(now_of(session)))


async def stuck_lines(request: Req, session: AsyncSession, limits: Limits) -> list[Stuck]:
    """Everything that is stuck, the oldest first."""
    now = now_of(session)
    things = sorted(await _things(session, limits, now), key=lambda each: each.since)
    owners = list({thing.organisation.id for thing in things})
    latest, phones = await latest_with(session, owners), await phones_of(session, owners)
    language = visit_of(request).language
    lines = []
    for thing in things:
        owner = thing.organisation.id
        lines.append(_line(Told(language, now, latest.get(owner), phones.get(owner, "")), thing, limits))
    return lines


async def _things(session: AsyncSession, limits: Limits, now: datetime) -> list[Thing]:
    late = now - timedelta(days=limits.look_within)
    silent = now - timedelta(days=limits.baskets[0])
    looks: list[tuple[Need | Flow | Organisation, datetime | None]] = [
        *((each, each.created_at) for each in await organisations_standing(session, OrganisationState.REGISTERED)),
        *((each, each.submitted_at) for each in await needs_waiting(session)),
        *((each, each.submitted_at) for each in await flows_waiting(session)),
    ]
    waiting = [Thing("look", row, since) for row, since in looks if since is not None and since <= late]
    known = {thing.organisation.id for thing in waiting}
    return [
        *waiting,
        *(Thing("need", each, each.published_at or now) for each in await unmatched_needs(session, now)),
        *(Thing("flow", each, each.published_at or now) for each in await untaken_flows(session, now)),
        # Who waits for us is not the one who is silent.
        *(
            Thing("silent", each, each.created_at)
            for each in await silent_organisations(session, silent)
            if each.id not in known
        ),
    ]


def _line(told: Told, thing: Thing, limits: Limits) -> Stuck:
    organisation, row = thing.organisation, thing.row
    is_organisation = isinstance(row, Organisation)
    days = (told.now - thing.since).days
    return Stuck(
        icon=ICONS[thing.kind],
        title=row.name if isinstance(row, Organisation) else row.title,
        path=_path(thing),
        owner="" if is_organisation else organisation.name,
        place=place_words(row.place),
        since=i18n.moment(thing.since, told.language, now=told.now),
        exact=i18n.exact(thing.since),
        days=days,
        basket=0 if thing.kind == "look" else limits.basket(days),
        next_step=_next_step(told, thing, limits),
        phone=told.phone,
        called=_called(told.last, told.language),
        log=f"/territory/organisations/{organisation.id}/contacts" + ("" if is_organisation else f"?about={row.id}"),
    )


def _path(thing: Thing) -> str:
    if thing.kind == "look" or isinstance(thing.row, Organisation):
        return f"/territory/organisations/{thing.organisation.id}"
    return f"/{thing.kind}s/{thing.row.id}"


def _called(last: FollowUp | None, language: str) -> tuple[str, str, str] | None:
    if last is None:
        return None
    return result_words(last, language), i18n.moment(last.noted_at, language), i18n.exact(last.noted_at)


def _next_step(line: Told, thing: Thing, limits: Limits) -> str:
    name, again = thing.organisation.name, line.last.call_back_on if line.last else None
    if again is not None and again > day_of(line.now):
        return named(NEXT_STEPS, "again", line.language).format(name=name, day=i18n.day(again, line.language))
    days = (line.now - thing.since).days
    if thing.kind == "look":
        step = "look-late" if days >= limits.look_late else "look"
    else:
        step = f"{thing.kind}-{limits.basket(days)}"
    return named(NEXT_STEPS, step, line.language).format(name=name)


def in_basket(lines: Sequence[Stuck], basket: int) -> list[Stuck]:
    """Those that are that far or further; all of them for 0."""
    return [line for line in lines if line.basket >= basket]


def basket_tabs(request: Req, lines: Sequence[Stuck], limits: Limits, shown: int) -> list[tuple[str, str, int, bool]]:
    """One tab a basket, with how many are in it."""
    url, say = visit_of(request).url, partial(gettext, request)
    words = [say("Tout"), *(say("{days} jours et plus").format(days=each) for each in limits.baskets)]
    return [
        (
            text,
            url(f"/territory?basket={at}#stuck" if at else "/territory#stuck"),
            len(in_basket(lines, at)),
            at == shown,
        )
        for at, text in enumerate(words)
    ]


class Due(NamedTuple):
    """An organisation that is to be called again: what was said last, about what, and on which number."""

    name: str
    path: str
    phone: str
    called: tuple[str, str, str] | None
    said: str
    again: str
    again_exact: str
    log: str


def due_lines(
    lines: Sequence[FollowUp], names: Mapping[UUID, str], phones: Mapping[UUID, str], language: str
) -> list[Due]:
    """Whom to call again, in the order given."""
    found = []
    for each in lines:
        again = each.call_back_on
        home = f"/territory/organisations/{each.organisation_id}"
        found.append(
            Due(
                name=names.get(each.organisation_id, ""),
                path=home,
                phone=phones.get(each.organisation_id, ""),
                called=_called(each, language),
                said=each.words,
                again=i18n.day(again, language) if again else "",
                again_exact=i18n.exact(again) if again else "",
                log=f"{home}/contacts" + (f"?about={each.about}" if each.about else ""),
            )
        )
    return found
