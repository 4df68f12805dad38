"""Webhooks and their messages as pages show them: each state in a word, with its colour and its icon."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.notifications.webhooks.models import Because, Progress, State, Webhook, WebhookDelivery
from shared.phrases.names import Names, named

STATES: Final[Mapping[str, tuple[str, str]]] = {
    State.ACTIVE: ("ok", "circle-check"),
    State.PAUSED: ("neutral", "circle-pause"),
    State.STOPPED: ("err", "circle-alert"),
}
PROGRESS: Final[Mapping[str, tuple[str, str]]] = {
    Progress.PENDING: ("neutral", "clock"),
    Progress.CLAIMED: ("info", "radio"),
    Progress.SENT: ("ok", "circle-check"),
    Progress.FAILED: ("err", "circle-alert"),
}
STATE_NAMES: Final[Names] = {
    State.ACTIVE: ("En marche", "Running"),
    State.PAUSED: ("En pause", "Paused"),
    State.STOPPED: ("Arrêté", "Stopped"),
}
PROGRESS_NAMES: Final[Names] = {
    Progress.PENDING: ("En attente", "Waiting"),
    Progress.CLAIMED: ("En cours", "On its way"),
    Progress.SENT: ("Reçu", "Received"),
    Progress.FAILED: ("Échec", "Failed"),
}
BECAUSE_NAMES: Final[Names] = {
    Because.GONE: ("L'adresse a répondu qu'elle n'existe plus (410).", "The address answered that it is gone (410)."),
    Because.UNREACHABLE: (
        "Aucun envoi n'a été accepté pendant trois jours.",
        "No message was accepted for three days.",
    ),
}
ERROR_NAMES: Final[Names] = {
    "timeout": ("pas de réponse à temps", "no answer in time"),
    "connection": ("connexion impossible", "no connection"),
    "unknown_name": ("nom inconnu", "unknown name"),
    "private_address": ("adresse qui n'est pas publique", "address that is not public"),
    "certificate": ("certificat refusé", "certificate refused"),
    "tls": ("chiffrement impossible", "no encryption possible"),
    "redirect": ("redirection, non suivie", "redirect, not followed"),
    "stopped": ("webhook arrêté", "webhook stopped"),
}


class Badge(NamedTuple):
    """A word with its colour and its icon."""

    text: str
    kind: str
    icon: str


class Line(NamedTuple):
    """A message as the log shows it."""

    delivery: WebhookDelivery
    badge: Badge
    error: str
    is_waiting: bool


def state_badge(webhook: Webhook, language: str) -> Badge:
    """Whether it runs."""
    return Badge(named(STATE_NAMES, webhook.state, language), *STATES[webhook.state])


def line_of(delivery: WebhookDelivery, language: str) -> Line:
    """One line of the log."""
    badge = Badge(named(PROGRESS_NAMES, delivery.state, language), *PROGRESS[delivery.state])
    is_waiting = delivery.state in (Progress.PENDING, Progress.CLAIMED)
    return Line(delivery, badge, named(ERROR_NAMES, delivery.error, language), is_waiting)
