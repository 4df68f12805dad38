"""The sentences of letters about who may act for an organisation: to who asks, and to who answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notifications.messages.topics import Sentences, Words
from shared.clock import PARIS

Params = Mapping[str, Any]


def join_asked(words: Words, params: Params) -> Sentences:
    """Somebody asks to join the team."""
    _ = words.gettext
    return Sentences(
        named(params, _("Quelqu'un demande à agir pour {organisation}"), _("Quelqu'un demande à vous rejoindre")),
        _(
            "Acceptez cette personne avec un rôle, ou dites-lui pourquoi non. "
            "Après sept jours, elle peut aller au territoire."
        ),
        _owner(words),
        _("Voir la demande"),
    )


def join_still_asked(words: Words, params: Params) -> Sentences:
    """They still wait for an answer."""
    _ = words.gettext
    return Sentences(
        named(params, _("Une demande à agir pour {organisation} attend"), _("Une demande à vous rejoindre attend")),
        _("Depuis trois jours, elle est sans réponse. Après sept jours, la personne peut aller au territoire."),
        _owner(words),
        _("Voir la demande"),
    )


def join_waits(words: Words, params: Params) -> Sentences:
    """They have waited for a week."""
    _ = words.gettext
    return Sentences(
        named(
            params,
            _("Une demande à agir pour {organisation} attend toujours"),
            _("Une demande à vous rejoindre attend toujours"),
        ),
        _(
            "Depuis sept jours, elle est sans réponse : la personne peut maintenant aller au territoire. "
            "Après trente jours, la demande se ferme d'elle-même."
        ),
        _owner(words),
        _("Voir la demande"),
    )


def claim_granted(words: Words, params: Params) -> Sentences:
    """They may act for the organisation."""
    _ = words.gettext
    return Sentences(
        named(params, _("Vous agissez pour {organisation} sur Boucle"), _("Votre demande est accordée")),
        _("C'est fait depuis le {when}. Connectez-vous pour agir pour elle.").format(when=when(params)),
        _asked(words),
        _("Ouvrir votre tableau de bord"),
    )


def claim_refused(words: Words, params: Params) -> Sentences:
    """They may not, and the page says why."""
    _ = words.gettext
    return Sentences(
        named(params, _("Votre demande pour {organisation} n'est pas accordée"), _("Votre demande n'est pas accordée")),
        _("La réponse et ses raisons sont sur la page de vos structures."),
        _asked(words),
        _("Lire la réponse"),
    )


def claim_waits(words: Words, params: Params) -> Sentences:
    """A coordinator hears that a claim is still theirs to answer."""
    _ = words.gettext
    return Sentences(
        named(
            params,
            _("Une demande à agir pour {organisation} attend votre réponse"),
            _("Une demande à agir pour une structure attend votre réponse"),
        ),
        _("Depuis sept jours, elle est sans réponse. Après trente jours, elle se ferme d'elle-même."),
        _("Vous recevez ceci parce que vous coordonnez le territoire. Ce message ne se coupe pas."),
        _("Voir les demandes"),
    )


def claim_lapsed(words: Words, params: Params) -> Sentences:
    """Nobody answered, which is no refusal."""
    _ = words.gettext
    return Sentences(
        named(
            params,
            _("Votre demande pour {organisation} est restée sans réponse"),
            _("Votre demande est restée sans réponse"),
        ),
        _(
            "Personne n'a répondu en trente jours : elle s'est fermée d'elle-même. Ce n'est pas un refus. "
            "Demandez de nouveau, avec un mot ou un justificatif."
        ),
        _asked(words),
        _("Demander de nouveau"),
    )


def named(params: Params, of: str, otherwise: str) -> str:
    """The sentence with the name of the organisation, or the one without where it is not known."""
    name = params.get("organisation")
    return of.format(organisation=name) if name else otherwise


def _owner(words: Words) -> str:
    _ = words.gettext
    return _("Vous recevez ceci parce que vous êtes responsable de cette structure. Ce message ne se coupe pas.")


def _asked(words: Words) -> str:
    _ = words.gettext
    return _("Vous recevez ceci parce que vous avez demandé à agir pour cette structure.")


def when(params: Params) -> str:
    """When it happened."""
    # The same in both languages: no month to translate, no clock to guess.
    return datetime.fromisoformat(params["changed_at"]).astimezone(PARIS).strftime("%d/%m/%Y, %H:%M")
