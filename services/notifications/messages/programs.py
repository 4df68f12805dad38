"""The sentences about webhooks: their owners hear of one that takes nothing, before it is stopped and when it was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notifications.messages.topics import Sentences, Words
from shared.clock import PARIS

Params = Mapping[str, Any]


def webhook_failing(words: Words, params: Params) -> Sentences:
    """It takes nothing, and will be stopped."""
    _ = words.gettext
    return Sentences(
        _("Votre webhook vers {host} ne reçoit plus rien").format(host=params["host"]),
        _("Aucun envoi n'est accepté depuis le {when}. Sans réponse d'ici deux jours, il sera arrêté.").format(
            when=_when(params)
        ),
        _why(words),
        _("Voir les envois et leurs réponses"),
    )


def webhook_stopped(words: Words, params: Params) -> Sentences:
    """It was stopped: gone, or silent for three days."""
    _ = words.gettext
    text = (
        _("L'adresse a répondu qu'elle n'existe plus (410).")
        if params["because"] == "gone"
        else _("Aucun envoi n'a été accepté depuis le {when}.").format(when=_when(params))
    )
    return Sentences(
        _("Votre webhook vers {host} est arrêté").format(host=params["host"]),
        f"{text} {_('Relancez-le quand il est réparé : ce qui a échoué peut repartir.')}",
        _why(words),
        _("Voir ce webhook"),
    )


def _why(words: Words) -> str:
    _ = words.gettext
    return _("Vous recevez ceci parce que votre structure a un webhook. Ce message ne se coupe pas.")


def _when(params: Params) -> str:
    # The same in both languages: no month to translate.
    return datetime.fromisoformat(params["since"]).astimezone(PARIS).strftime("%d/%m/%Y, %H:%M")
