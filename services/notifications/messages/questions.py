"""The sentences about public questions: to who is asked, to who asked, and to who is interested beside them."""

from collections.abc import Mapping
from typing import Any

from services.notifications.messages.topics import Sentences, Words
from shared.phrases.dealings import HIDING_REASONS
from shared.phrases.names import named

Params = Mapping[str, Any]


def questioned(words: Words, params: Params) -> Sentences:
    """An author learns that somebody asks, and not who."""
    _, is_flow = words.gettext, bool(params.get("is_flow"))
    text = _("Une structure demande une précision avant de répondre. Votre réponse sera publique.")
    if is_flow:
        text = _("Une structure demande une précision avant de prendre. Votre réponse sera publique.")
    return Sentences(
        (
            _("Une question sur votre gisement : {subject}")
            if is_flow
            else _("Une question sur votre besoin : {subject}")
        ).format(subject=params["title"]),
        text,
        _("Vous recevez ceci parce que votre structure a publié ce gisement.")
        if is_flow
        else _("Vous recevez ceci parce que votre structure a publié ce besoin."),
        _("Lire la question et répondre"),
    )


def replied(words: Words, params: Params) -> Sentences:
    """Whoever asked reads the answer, a better one, or why nobody reads the question any more."""
    _, reason = words.gettext, params.get("hidden_for")
    title, action = _("Réponse à votre question : {subject}"), _("Lire la réponse")
    text = _("Elle est publique, comme votre question ; personne n'y lit qui l'a posée.")
    if reason:
        title, action = _("Votre question est masquée : {subject}"), _("Relire la question")
        text = _("La raison donnée : {reason}.").format(
            reason=_inside(named(HIDING_REASONS, reason, params["language"]))
        )
    elif params.get("corrected"):
        title = _("Réponse corrigée à votre question : {subject}")
    return Sentences(
        title.format(subject=params["title"]),
        text,
        _("Vous recevez ceci parce que votre structure a posé cette question."),
        action,
    )


def clarified(words: Words, params: Params) -> Sentences:
    """Whoever is interested learns that the author said more."""
    _ = words.gettext
    title = (
        _("L'auteur corrige une précision : {subject}") if params.get("corrected") else _("Une précision : {subject}")
    )
    return Sentences(
        title.format(subject=params["title"]),
        _("L'auteur du besoin répond à la question d'une structure ; tout le monde peut la lire."),
        _("Vous recevez ceci parce que votre structure est intéressée par ce besoin."),
        _("Lire la question et sa réponse"),
    )


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
