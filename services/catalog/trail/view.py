"""Lines of the audit log as pages and tables show them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.followups.queries import titles_of
from services.catalog.trail.queries import colleague_names
from services.catalog.trail.schemas import TrailLine
from shared.phrases.actions import ACTION_GROUPS, ACTIONS, ACTIONS_OF
from shared.phrases.coordination import CONTACT_MEANS
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

HEADINGS = ("date", "action", "code", "structure", "par", "objet", "identifiant", "accord", "ligne")


class Shown(NamedTuple):
    """A line: `who` did it, `behalf` says in whose place, `about` is a title with its address where one may open it."""

    action: str
    who: str
    organisation: str
    behalf: bool
    about: tuple[str, str] | None
    object_id: str
    consent: str
    at: str
    exact: str
    line: TrailLine


async def shown_lines(request: Req, session: AsyncSession, lines: Sequence[TrailLine]) -> list[Shown]:
    """Lines in the order given; people are named to their colleagues alone, and only while they have an account."""
    names = await colleague_names(session, list({each.member_id for each in lines if each.member_id}))
    titles = await titles_of(session, list({each.about for each in lines if each.about}))
    return [_shown(request, each, names, titles) for each in lines]


def _shown(request: Req, line: TrailLine, names: Mapping[UUID, str], titles: Mapping[UUID, tuple[str, str]]) -> Shown:
    language = visit_of(request).language
    return Shown(
        action=named(ACTIONS, line.action, language),
        who=_who(request, line, names),
        organisation=line.organisation_name,
        behalf=line.is_for_another,
        about=titles.get(line.about) if line.about else None,
        object_id=str(line.about or ""),
        consent=_consent(request, line),
        at=i18n.moment(line.at, language),
        exact=i18n.exact(line.at),
        line=line,
    )


def _who(request: Req, line: TrailLine, names: Mapping[UUID, str]) -> str:
    say = partial(gettext, request)
    if line.acting_id is None:
        return say("Automatique")
    if line.member_id is None:
        return say("Une personne de {name}").format(name=line.acting_name)
    return names.get(line.member_id) or say("Compte effacé")


def _consent(request: Req, line: TrailLine) -> str:
    if line.consent_on is None:
        return ""
    language = visit_of(request).language
    means = named(CONTACT_MEANS, line.consent_means, language)
    return gettext(request, "Accord donné {day} ({means})").format(
        day=i18n.day(line.consent_on, language), means=means[:1].lower() + means[1:]
    )


def row_of(shown: Shown) -> list[str]:
    """One row of the table, under `HEADINGS`."""
    line = shown.line
    return [
        line.at.isoformat(timespec="seconds"),
        shown.action,
        line.action,
        shown.organisation,
        shown.who,
        shown.about[0] if shown.about else "",
        shown.object_id,
        shown.consent,
        str(line.id),
    ]


def action_options(request: Req) -> list[tuple[str, str]]:
    """Every action below the group it is in, and the groups themselves."""
    language = visit_of(request).language
    found = [("", gettext(request, "Toutes"))]
    for group, actions in ACTIONS_OF.items():
        found.append((group, f"{named(ACTION_GROUPS, group, language)} ({gettext(request, 'toutes')})"))
        found += [(code, f"– {named(actions, code, language)}") for code in actions]
    return found
