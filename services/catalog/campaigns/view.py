"""Campaigns and pledges as pages show them: what is promised and what was received, never added up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.campaigns.models import Campaign, Counterpart, State
from services.catalog.campaigns.pledge import Pledge, PledgeState
from services.catalog.campaigns.schemas import MOST_COUNTERPARTS, MOST_STEPS
from shared.events.campaigns import Rule
from shared.web import i18n
from shared.web.pages import Req, gettext, ngettext
from shared.web.visit import visit_of

BADGES = {
    State.DRAFT: ("Brouillon", "neutral", "pencil"),
    State.SUBMITTED: ("En vérification", "info", "hourglass"),
    State.ANNOUNCED: ("Ouvre bientôt", "info", "clock"),
    State.OPEN: ("Ouverte", "ok", "circle-check"),
    State.SUCCEEDED: ("Réussie", "ok", "flag"),
    State.LAPSED: ("Non aboutie", "neutral", "circle-slash-2"),
    State.CANCELLED: ("Annulée", "neutral", "minus"),
}
# Between its last day and the timer; a promise whose gift was confirmed.
OTHER_BADGES = {
    "counted": ("Close, on compte", "warn", "hourglass"),
    "received": ("Reçue", "ok", "circle-check"),
}
PLEDGE_BADGES = {
    PledgeState.MADE: ("Promesse", "info", "hand-heart"),
    PledgeState.WITHDRAWN: ("Reprise", "neutral", "minus"),
    PledgeState.CONFIRMED: ("Confirmée, à verser", "warn", "hourglass"),
    PledgeState.LAPSED: ("Sans suite", "neutral", "circle-slash-2"),
}
TITLES = {Rule.ALL_OR_NOTHING: "Tout ou rien", Rule.KEEP: "Ce qui vient"}
SENTENCES = {
    Rule.ALL_OR_NOTHING: "Le seuil est promis au dernier jour, ou aucune promesse n'est due.",
    Rule.KEEP: "Chaque promesse vaut au dernier jour, quel qu'en soit le total.",
}
SHOWN_STEPS, SHOWN_COUNTERPARTS = 3, 2

Badge = tuple[str, str, str]
Fact = tuple[str, str, str | None]


class Progress(NamedTuple):
    """How far a campaign is: two amounts that are never added, and the share of the goal that is promised."""

    goal: str
    pledged: str
    received: str
    percent: int
    supporters: str
    left: str


class CampaignLine(NamedTuple):
    """A campaign on a list."""

    campaign: Campaign
    badge: Badge
    progress: Progress


class StepLine(NamedTuple):
    """What an amount allows, and whether as much is promised."""

    amount: str
    words: str
    is_reached: bool


class PledgeLine(NamedTuple):
    """A pledge on a list, with what is given back for it."""

    pledge: Pledge
    badge: Badge
    amount: str
    received: str
    counterpart: str


def badge_of(request: Req, campaign: Campaign, today: date) -> Badge:
    """The words, kind and icon of how far it is, whether or not a timer has looked."""
    words, kind, icon = BADGES[State(campaign.state)]
    if campaign.is_live and campaign.is_over(today):
        words, kind, icon = OTHER_BADGES["counted"]
    elif campaign.takes_pledges(today):
        words, kind, icon = BADGES[State.OPEN]
    return gettext(request, words), kind, icon


def pledge_badge(request: Req, pledge: Pledge, received: Mapping[UUID, int]) -> Badge:
    """The words, kind and icon of where it stands."""
    words, kind, icon = PLEDGE_BADGES[PledgeState(pledge.state)]
    if pledge.id in received:
        words, kind, icon = OTHER_BADGES["received"]
    return gettext(request, words), kind, icon


def progress_of(request: Req, campaign: Campaign, received: Mapping[UUID, int], today: date) -> Progress:
    """What is promised and what was received of its goal, and how long it still takes pledges."""
    language = visit_of(request).language
    several = ngettext(request, "{num} structure a promis", "{num} structures ont promis", campaign.pledges)
    return Progress(
        goal=i18n.euros(campaign.goal_cents, language),
        pledged=i18n.euros(campaign.pledged_cents, language),
        received=i18n.euros(sum(received.values()), language),
        percent=percent_of(campaign.pledged_cents, campaign.goal_cents),
        supporters=several.format(num=campaign.pledges),
        left=_left(request, campaign, today),
    )


def percent_of(cents: int, goal: int | None) -> int:
    """The share of the goal, rounded down: nothing looks reached before it is."""
    return cents * 100 // goal if goal else 0


def _left(request: Req, campaign: Campaign, today: date) -> str:
    if campaign.ends_on is None or not campaign.takes_pledges(today):
        return ""
    days = (campaign.ends_on - today).days
    if days == 0:
        return gettext(request, "Dernier jour")
    return ngettext(request, "Encore {num} jour", "Encore {num} jours", days).format(num=days)


def campaign_lines(
    request: Req, campaigns: Sequence[Campaign], received: Mapping[UUID, Mapping[UUID, int]], today: date
) -> list[CampaignLine]:
    """Campaigns that take pledges first, then in the order given."""
    lines = [
        CampaignLine(each, badge_of(request, each, today), progress_of(request, each, received.get(each.id, {}), today))
        for each in campaigns
    ]
    return sorted(lines, key=lambda line: not line.campaign.takes_pledges(today))


def pledge_lines(
    request: Req, pledges: Iterable[Pledge], received: Mapping[UUID, Mapping[UUID, int]]
) -> list[PledgeLine]:
    """Pledges in the order given."""
    language = visit_of(request).language
    return [
        PledgeLine(
            each,
            pledge_badge(request, each, received.get(each.campaign_id, {})),
            i18n.euros(each.amount_cents, language),
            i18n.euros(received.get(each.campaign_id, {}).get(each.id), language),
            counterpart_words(each),
        )
        for each in pledges
    ]


def counterpart_words(pledge: Pledge) -> str:
    """What is given back for a pledge; empty for nothing, or when nothing is wanted."""
    found = None if pledge.without_counterpart else pledge.campaign.counterpart_of(pledge.amount_cents)
    return found.words if found else ""


def step_lines(request: Req, campaign: Campaign) -> list[StepLine]:
    """What each amount allows."""
    language = visit_of(request).language
    return [
        StepLine(i18n.euros(each.cents, language), each.words, campaign.pledged_cents >= each.cents)
        for each in campaign.steps
    ]


def counterpart_lines(request: Req, counterparts: Iterable[Counterpart]) -> list[tuple[str, str, str]]:
    """From which amount on, what, and what it is worth."""
    language = visit_of(request).language
    return [
        (i18n.euros(each.from_cents, language), each.words, i18n.euros(each.value_cents, language))
        for each in counterparts
    ]


def rule_words(request: Req, campaign: Campaign) -> str:
    """What the last day decides, in a sentence with its amount and its day."""
    language = visit_of(request).language
    day = i18n.full_day(campaign.ends_on, language) if campaign.ends_on else "…"
    if campaign.rule is Rule.KEEP:
        said = gettext(request, "Ce qui vient : chaque promesse qui tient le {day} vaut, quel que soit le total.")
        return said.format(day=day)
    said = gettext(
        request, "Tout ou rien : si {amount} au moins ne sont pas promis le {day}, aucune promesse n'est due."
    )
    return said.format(amount=i18n.euros(campaign.enough_cents, language) or "…", day=day)


def rule_options(request: Req) -> list[tuple[str, str, str]]:
    """The two rules to choose from, with what each means."""
    return [(rule, gettext(request, name), gettext(request, SENTENCES[rule])) for rule, name in TITLES.items()]


def facts_of(request: Req, campaign: Campaign) -> list[Fact]:
    """How much, and from when until when."""
    language, say = visit_of(request).language, partial(gettext, request)
    rows: list[Fact] = [
        (say("Objectif"), i18n.euros(campaign.goal_cents, language), None),
        (say("Seuil"), i18n.euros(campaign.enough_cents, language), None),
        (say("Ouverture"), i18n.day(campaign.starts_on, language) if campaign.starts_on else "", None),
        (
            say("Dernier jour"),
            i18n.day(campaign.ends_on, language) if campaign.ends_on else "",
            say("ce jour-là compris"),
        ),
    ]
    return [row for row in rows if row[1]]


def typed_campaign(campaign: Campaign) -> dict[str, Any]:
    """What the form of a campaign holds."""
    days = {name: getattr(campaign, name) for name in ("starts_on", "ends_on")}
    return {
        **{name: getattr(campaign, name) for name in ("title", "description", "categories", "rule")},
        **{name: day.isoformat() if day else "" for name, day in days.items()},
        "goal_euros": plain(campaign.goal_cents),
        "threshold_euros": plain(campaign.threshold_cents),
        "steps": [{"step_euros": plain(each.cents), "step_words": each.words} for each in campaign.steps],
        "counterparts": [
            {
                "from_euros": plain(each.from_cents),
                "counterpart_words": each.words,
                "worth_euros": plain(each.value_cents),
            }
            for each in campaign.counterparts
        ],
    }


def typed_pledge(pledge: Pledge | None) -> dict[str, Any]:
    """What the form of a pledge holds: what stands; what was taken back is not proposed again."""
    if pledge is None or pledge.state is not PledgeState.MADE:
        return {}
    same = {name: getattr(pledge, name) for name in ("is_anonymous", "without_counterpart", "words")}
    return {**same, "amount_euros": plain(pledge.amount_cents)}


def rows_of(typed: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The rows that the form shows: those that were filled in, and some empty ones below them."""
    return {
        "step_rows": _padded(typed.get("steps"), SHOWN_STEPS, MOST_STEPS),
        "counterpart_rows": _padded(typed.get("counterparts"), SHOWN_COUNTERPARTS, MOST_COUNTERPARTS),
    }


def _padded(rows: Any, shown: int, most: int) -> list[dict[str, str]]:
    filled = list(rows or ())
    return [*filled, *({} for _ in range(min(max(shown, len(filled) + 1), most) - len(filled)))]


def plain(cents: int | None) -> str:
    """An amount as it is typed: « 1500 », « 12,50 »."""
    return "" if cents is None else f"{Decimal(cents) / 100:.2f}".removesuffix(".00").replace(".", ",")
