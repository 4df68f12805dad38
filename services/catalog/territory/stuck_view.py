"""What is stuck, and whom to call again, as pages and tables show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.followups.models import FollowUp
from services.catalog.followups.queries import latest_with, phones_of
from services.catalog.followups.view import result_words
from services.catalog.territory.kinds import GROUP_OF, ICONS, Group, next_step
from services.catalog.territory.stuck import Limits, Thing, filtered
from shared.clock import day_of
from shared.database import now_of
from shared.phrases.coordination import NEXT_STEPS, STUCK_GROUPS, STUCK_KINDS
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Called = tuple[str, str, str]
HEADINGS = ("nature", "objet", "adresse", "structure attendue", "structure qui attend", "depuis", "jours", "action")


class Stuck(NamedTuple):
    """A line of the cockpit; `basket` is 0 to 3, `days` how long it stands, `called` what came of the last call."""

    icon: str
    kind: str
    title: str
    path: str
    owner: str
    waits: str
    place: str
    since: str
    exact: str
    ends: tuple[str, str] | None
    days: int
    basket: int
    next_step: str
    phone: str
    called: Called | None
    log: str


class Told(NamedTuple):
    """What is known when lines are written: language, moment, limits, the last contacts and the numbers."""

    language: str
    now: datetime
    limits: Limits
    latest: Mapping[UUID, FollowUp]
    phones: Mapping[UUID, str]


async def told_of(session: AsyncSession, things: Sequence[Thing], limits: Limits, language: str) -> Told:
    """What is to be known of some things."""
    owners = list({each.awaited_id for each in things})
    return Told(language, now_of(session), limits, await latest_with(session, owners), await phones_of(session, owners))


def line_of(told: Told, thing: Thing) -> Stuck:
    """One line."""
    language, is_organisation = told.language, thing.subject == "organisation"
    return Stuck(
        icon=ICONS[GROUP_OF[thing.kind]],
        kind=named(STUCK_KINDS, thing.kind, language),
        title=thing.title,
        path=thing.path,
        owner="" if is_organisation else thing.awaited_name,
        waits=thing.waits_name,
        place=thing.place_words,
        since=i18n.moment(thing.since, language, now=told.now),
        exact=i18n.exact(thing.since),
        ends=(i18n.moment(thing.ends, language, now=told.now), i18n.exact(thing.ends)) if thing.ends else None,
        days=thing.days(told.now),
        basket=thing.basket(told.limits, told.now),
        next_step=step_words(told, thing),
        phone=told.phones.get(thing.awaited_id, ""),
        called=_called(told.latest.get(thing.awaited_id), language),
        log=thing.log,
    )


def step_words(told: Told, thing: Thing) -> str:
    """What to do next about it, in one sentence."""
    last = told.latest.get(thing.awaited_id)
    again = last.call_back_on if last else None
    code = next_step(
        thing.kind,
        thing.basket(told.limits, told.now),
        is_late=thing.days(told.now) >= told.limits.look_late,
        again=again,
        today=day_of(told.now),
    )
    day = i18n.day(again, told.language) if again else ""
    return named(NEXT_STEPS, code, told.language).format(name=thing.awaited_name, other=thing.waits_name, day=day)


def row_of(told: Told, thing: Thing, public_url: str) -> list[str]:
    """One row of the table, under `HEADINGS`."""
    return [
        named(STUCK_KINDS, thing.kind, told.language),
        thing.title,
        f"{public_url}{thing.path}",
        thing.awaited_name,
        thing.waits_name,
        day_of(thing.since).isoformat(),
        str(thing.days(told.now)),
        step_words(told, thing),
    ]


def _called(last: FollowUp | None, language: str) -> Called | None:
    if last is None:
        return None
    return result_words(last, language), i18n.moment(last.noted_at, language), i18n.exact(last.noted_at)


def basket_tabs(
    request: Req, things: Sequence[Thing], limits: Limits, now: datetime, *, shown: int, group: Group | None = None,
    home: str = "/territory", fragment: str = "#stuck",
) -> list[tuple[str, str, int, bool]]:  # fmt: skip
    """One tab a basket, with how many of the group are in it."""
    url, say = visit_of(request).url, partial(gettext, request)
    words = [say("Tout"), *(say("{days} jours et plus").format(days=each) for each in limits.baskets)]
    return [
        (
            text,
            url(home) + _query(basket=at or "", kind=group or "") + fragment,
            len(filtered(things, limits, now, group=group, basket=at)),
            at == shown,
        )
        for at, text in enumerate(words)
    ]


def group_tabs(
    request: Req, things: Sequence[Thing], limits: Limits, now: datetime, *, shown: Group | None, basket: int, home: str
) -> list[tuple[str, str, int, bool]]:
    """One tab a group that has something, and the one that is shown."""
    language, url = visit_of(request).language, visit_of(request).url
    tabs = []
    for group in (None, *Group):
        count = len(filtered(things, limits, now, group=group, basket=basket))
        if count or group in (None, shown):
            words = named(STUCK_GROUPS, group, language) if group else gettext(request, "Toutes natures")
            tabs.append((words, url(home) + _query(basket=basket or "", kind=group or ""), count, group is shown))
    return tabs


def _query(**asked: object) -> str:
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"?{said}" if said else ""


class Due(NamedTuple):
    """An organisation that is to be called again: what was said last, about what, and on which number."""

    name: str
    path: str
    phone: str
    called: Called | None
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
