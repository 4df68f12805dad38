"""What is said of subscriptions: to holders of flows, and to those who subscribe to them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.dealings import SUBSCRIPTION_REFUSALS, UNSERVED
from shared.phrases.names import named
from shared.phrases.voice import Voice
from shared.web import i18n


def subscribed(words: Words, params: Params) -> Sentences:
    """A holder learns who subscribes to its flow, or stops, or had nothing of a lot."""
    _ = words.gettext
    titles = {
        "asked": _("{taker} demande un abonnement : {subject}"),
        "accepted": _("{taker} est abonné : {subject}"),
        "paused": _("{taker} met son abonnement en pause : {subject}"),
        "resumed": _("{taker} reprend son abonnement : {subject}"),
        "ended": _("{taker} termine son abonnement : {subject}"),
        "unserved": _("{taker} n'a rien eu du lot du {day} : {subject}"),
    }
    texts = {
        "asked": _("Part demandée : {part} de chaque lot, du {first} au {last}. Acceptez, ou refusez avec une raison."),
        "accepted": _("Votre gisement est ouvert à tous : {part} de chaque lot, du {first} au {last}."),
        "paused": _("Ses prochains lots reviennent à d'autres. Ce qui est déjà pris reste à enlever."),
        "resumed": _("Les lots qui s'ouvrent à partir de maintenant sont de nouveau pris."),
        "ended": _("Le dernier jour servi est le {last}. Ce qui est déjà pris reste à enlever."),
        "unserved": _("La part n'a pas été prise : {reason}."),
    }
    said = _said(params)
    return Sentences(
        titles[params["what"]].format(**said),
        texts[params["what"]].format(**said),
        _("Vous recevez ceci parce que votre structure a publié ce gisement."),
        _("Voir l'abonnement"),
    )


def subscriber(words: Words, params: Params) -> Sentences:
    """A subscriber learns what the holder answers, or that a lot was not taken for it."""
    _ = words.gettext
    titles = {
        "accepted": _("Votre abonnement est accepté : {subject}"),
        "refused": _("{holder} refuse votre abonnement : {subject}"),
        "paused": _("{holder} met votre abonnement en pause : {subject}"),
        "resumed": _("{holder} reprend votre abonnement : {subject}"),
        "ended": _("{holder} termine votre abonnement : {subject}"),
        "unserved": _("Rien pour vous du lot du {day} : {subject}"),
    }
    texts = {
        "accepted": _("{part} de chaque lot qui s'ouvre à partir de maintenant, du {first} au {last}."),
        "refused": _("Raison : {reason}. Les lots restent à prendre un par un."),
        "paused": _("Aucun lot n'est pris pour vous en attendant. Ce qui est déjà pris reste à enlever."),
        "resumed": _("Les lots qui s'ouvrent à partir de maintenant sont de nouveau pris pour vous."),
        "ended": _("Le dernier jour servi est le {last}. Ce qui est déjà pris reste à enlever."),
        "unserved": _("Votre part n'a pas été prise : {reason}."),
    }
    said = _said(params)
    return Sentences(
        titles[params["what"]].format(**said),
        texts[params["what"]].format(**said),
        _("Vous recevez ceci parce que votre structure a demandé cet abonnement."),
        _("Voir l'abonnement"),
    )


def _said(params: Params) -> Mapping[str, Any]:
    language = str(params["language"])
    percent = params.get("percent")
    reasons = UNSERVED if params["what"] == "unserved" else SUBSCRIPTION_REFUSALS
    return {
        "taker": params["taker"],
        "holder": params["holder"],
        "subject": params["title"],
        "part": f"{percent} %" if percent else Voice(language, "supplier").quantity(params, "quantity"),
        "first": _day(params.get("from_on"), language),
        "last": _day(params.get("until_on"), language),
        "day": _day(params.get("day"), language),
        "reason": named(reasons, params["reason"], language) if params.get("reason") else "",
    }


def _day(value: Any, language: str) -> str:
    return i18n.full_day(date.fromisoformat(str(value)), language) if value else ""
