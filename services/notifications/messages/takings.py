"""What is said of parts of lots: to their holders, and to those who take them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notifications.messages.subscriptions import subscribed, subscriber
from services.notifications.messages.topics import Params, Sentences, Words
from shared.clock import day_of
from shared.phrases.dealings import CANCEL_REASONS
from shared.phrases.names import named
from shared.phrases.voice import Voice
from shared.web import i18n


def taken(words: Words, params: Params) -> Sentences:
    """A holder learns what is taken, kept, called off, missed or has left of its lots, and who subscribes to them."""
    if "subscription_id" in params:
        return subscribed(words, params)
    _ = words.gettext
    titles = {
        "made": _("{taker} prend {quantity} : {subject}"),
        "held": _("{taker} pose une option sur {quantity} : {subject}"),
        "cancelled": _("{taker} annule son enlèvement : {subject}"),
        "missed": _("{taker} n'a pas pu venir : {subject}"),
        "done": _("{taker} dit avoir enlevé {figure} : {subject}"),
        "confirmed": _("Enlèvement confirmé, {figure} : {subject}"),
        "disputed": _("{taker} dit {figure}, vous dites autre chose : {subject}"),
        "unconfirmed": _("Est-ce enlevé ? {subject}"),
    }
    texts = {
        "made": _("L'enlèvement est prévu le {slot}."),
        "held": _("Cette part est gardée jusqu'à : {until}. Vous pouvez prolonger l'option."),
        "cancelled": _("La part ({quantity}) redevient à prendre tant que le lot vit. Raison : {reason}."),
        "missed": _("L'enlèvement prévu le {slot} est noté manqué. La part redevient à prendre tant que le lot vit."),
        "done": _("Dites le chiffre que vous avez : l'enlèvement est confirmé quand vous êtes d'accord à 10 % près."),
        "confirmed": _("Vous êtes d'accord tous les deux : c'est ce chiffre qui compte."),
        "disputed": _(
            "Vos deux chiffres s'écartent de plus de 10 % : corrigez le vôtre, acceptez l'autre, ou expliquez."
        ),
        "unconfirmed": _("{taker} devait venir le {slot}. Dites combien est parti, ou que personne n'est venu."),
    }
    said = _said(params)
    return Sentences(
        titles[params["what"]].format(**said),
        texts[params["what"]].format(**said),
        _("Vous recevez ceci parce que votre structure a publié ce gisement."),
        _("Voir l'enlèvement"),
    )


def pick_up(words: Words, params: Params) -> Sentences:
    """A taker learns what becomes of its pick-up, its option or its subscription."""
    if "subscription_id" in params:
        return subscriber(words, params)
    _ = words.gettext
    titles = {
        "served": _("Votre abonnement : {quantity}, {subject}"),
        "short": _("Votre abonnement : {quantity} au lieu de {figure}, {subject}"),
        "offered": _("Une part s'est libérée pour vous : {quantity}, {subject}"),
        "ending": _("Votre option se termine bientôt : {subject}"),
        "held": _("Votre option est prolongée : {subject}"),
        "expired": _("Votre option est passée : {subject}"),
        "cancelled": _("{holder} annule votre enlèvement : {subject}"),
        "missed": _("Votre enlèvement est noté manqué : {subject}"),
        "done": _("{holder} dit que {figure} est parti : {subject}"),
        "confirmed": _("Enlèvement confirmé, {figure} : {subject}"),
        "disputed": _("{holder} dit {figure}, vous dites autre chose : {subject}"),
        "unconfirmed": _("Est-ce enlevé ? {subject}"),
    }
    texts = {
        "served": _("Votre part de ce lot est prise. L'enlèvement est prévu le {slot}."),
        "short": _(
            "Il y avait moins que promis : les abonnés sont servis dans l'ordre du traitement, de l'ESS, puis de "
            "l'ancienneté. L'enlèvement est prévu le {slot}."
        ),
        "offered": _("Elle est gardée pour vous jusqu'à : {until}. Prenez-la, ou relâchez-la pour d'autres."),
        "ending": _("Cette part ({quantity}) est à vous jusqu'à : {until}. Prenez-la, ou relâchez-la pour d'autres."),
        "held": _("Cette part ({quantity}) est gardée pour vous jusqu'à : {until}."),
        "expired": _("Cette part ({quantity}) est de nouveau à prendre par tous."),
        "cancelled": _("Cette part ({quantity}) était prévue le {slot}. Raison : {reason}."),
        "missed": _("{holder} dit que personne n'est venu le {slot}. Si ce n'est pas juste, écrivez-lui."),
        "done": _("Dites le chiffre que vous avez : l'enlèvement est confirmé quand vous êtes d'accord à 10 % près."),
        "confirmed": _("Vous êtes d'accord tous les deux : c'est ce chiffre qui compte."),
        "disputed": _(
            "Vos deux chiffres s'écartent de plus de 10 % : corrigez le vôtre, acceptez l'autre, ou expliquez."
        ),
        "unconfirmed": _("Vous deviez venir le {slot}. Dites combien est parti, ou que personne n'est venu."),
    }
    said = _said(params)
    return Sentences(
        titles[params["what"]].format(**said),
        texts[params["what"]].format(**said),
        _("Vous recevez ceci parce que votre structure prend une part de ce lot."),
        _("Voir l'enlèvement"),
    )


def _said(params: Params) -> Mapping[str, Any]:
    language = str(params["language"])
    return {
        "taker": params["taker"],
        "holder": params["holder"],
        "subject": params["title"],
        "quantity": Voice(language, "supplier").quantity(params, "quantity"),
        "figure": Voice(language, "supplier").quantity(params, "figure") if params.get("figure") else "",
        "reason": named(CANCEL_REASONS, params["reason"], language) if params.get("reason") else "",
        "slot": _moment(params.get("slot_from"), language),
        "until": _moment(params.get("held_until"), language),
    }


def _moment(value: Any, language: str) -> str:
    """« 1 décembre, 9 h 00 », which stays true whenever it is read."""
    if not value:
        return ""
    at = datetime.fromisoformat(str(value))
    return f"{i18n.full_day(day_of(at), language)}, {i18n.clock(at, language)}"
