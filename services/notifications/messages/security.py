"""The sentences of letters about somebody's account and for whom they act: links to use, changes to know of."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.messages.claims import (
    claim_granted,
    claim_lapsed,
    claim_refused,
    claim_waits,
    join_asked,
    join_still_asked,
    join_waits,
    named,
    when,
)
from services.notifications.messages.topics import Sentences, Words
from shared.events.catalog import AccountChange, LinkPurpose

LINK, CHANGED = "link-", "changed-"
Params = Mapping[str, Any]

# Where to go: when it was somebody else, or to answer.
PATHS: Mapping[str, str] = {
    AccountChange.PASSWORD: "/sign-in/forgotten",
    AccountChange.EMAIL_ASKED: "/account",
    AccountChange.SECOND_FACTOR_ON: "/account",
    AccountChange.SECOND_FACTOR_OFF: "/account",
    AccountChange.RECOVERY_CODE_USED: "/account",
    AccountChange.JOIN_ASKED: "/organisation/team",
    AccountChange.JOIN_STILL_ASKED: "/organisation/team",
    AccountChange.CLAIM_GRANTED: "/dashboard",
    AccountChange.CLAIM_REFUSED: "/organisations/mine",
    AccountChange.JOIN_WAITS: "/organisation/team",
    AccountChange.CLAIM_WAITS: "/territory#claims",
    AccountChange.CLAIM_LAPSED: "/organisations/mine",
}


def sign_in_link(words: Words, _params: Params) -> Sentences:
    """A link that signs in."""
    _ = words.gettext
    return Sentences(
        _("Votre lien pour vous connecter à Boucle"),
        _("Il sert une fois, pendant dix minutes, dans le navigateur où vous l'avez demandé."),
        _("Vous recevez ceci parce que quelqu'un, vous sans doute, a tapé votre adresse sur Boucle."),
        _("Me connecter"),
    )


def reset_link(words: Words, _params: Params) -> Sentences:
    """A link that sets a new password."""
    _ = words.gettext
    return Sentences(
        _("Choisir un nouveau mot de passe pour Boucle"),
        _("Il sert une fois, pendant dix minutes, dans le navigateur où vous l'avez demandé."),
        _("Vous recevez ceci parce que quelqu'un, vous sans doute, a tapé votre adresse sur Boucle."),
        _("Choisir un nouveau mot de passe"),
    )


def confirm_link(words: Words, _params: Params) -> Sentences:
    """A link that confirms an address."""
    _ = words.gettext
    return Sentences(
        _("Confirmez votre adresse sur Boucle"),
        _("Le lien mène à un bouton. Il est valable sept jours."),
        _("Vous recevez ceci parce qu'un compte a été ouvert à votre adresse. Si ce n'est pas vous, ne faites rien."),
        _("Confirmer mon adresse"),
    )


def change_link(words: Words, _params: Params) -> Sentences:
    """A link that confirms the address to come."""
    _ = words.gettext
    return Sentences(
        _("Confirmez votre nouvelle adresse sur Boucle"),
        _("Le lien mène à un bouton. Il est valable sept jours ; d'ici là, l'ancienne adresse reste la vôtre."),
        _("Vous recevez ceci parce qu'un compte veut votre adresse. Si ce n'est pas vous, ne faites rien."),
        _("Confirmer ma nouvelle adresse"),
    )


def invitation_link(words: Words, params: Params) -> Sentences:
    """A link that lets somebody join an organisation."""
    _ = words.gettext
    name = params.get("organisation")
    title = (
        _("{organisation} vous invite sur Boucle").format(organisation=name)
        if name
        else _("Une structure vous invite sur Boucle")
    )
    return Sentences(
        title,
        _("Boucle est la place de marché de l'économie circulaire du territoire. Le lien est valable sept jours."),
        _("Vous recevez ceci parce qu'un responsable de cette structure a tapé votre adresse. Sinon, ne faites rien."),
        _("Voir l'invitation"),
    )


def claim_link(words: Words, params: Params) -> Sentences:
    """A link that makes somebody the owner of an organisation whose mail they read."""
    _ = words.gettext
    return Sentences(
        named(params, _("Agir pour {organisation} sur Boucle"), _("Agir pour votre structure sur Boucle")),
        _("Le lien mène à un bouton, pour qui a fait la demande. Il est valable sept jours."),
        _(
            "Vous recevez ceci parce qu'une personne a tapé cette adresse pour agir au nom de votre structure. "
            "Si vous ne la connaissez pas, ne faites rien."
        ),
        _("Voir la demande"),
    )


def password_changed(words: Words, params: Params) -> Sentences:
    """The password is another one."""
    _ = words.gettext
    return Sentences(
        _("Votre mot de passe sur Boucle a été changé"),
        _("C'était le {when}. Toutes vos sessions se sont fermées.").format(when=when(params)),
        _warning(words),
        _("Ce n'était pas vous ? Choisissez-en un autre"),
    )


def email_asked(words: Words, params: Params) -> Sentences:
    """Another address is to take this one's place."""
    _ = words.gettext
    return Sentences(
        _("Une autre adresse a été demandée pour votre compte Boucle"),
        _("C'était le {when}. Celle-ci reste la vôtre tant que l'autre n'a pas répondu.").format(when=when(params)),
        _warning(words),
        _("Ce n'était pas vous ? Regardez votre compte"),
    )


def second_factor_on(words: Words, params: Params) -> Sentences:
    """Signing in asks for a second proof."""
    _ = words.gettext
    return Sentences(
        _("Votre compte Boucle demande une seconde preuve de plus"),
        _("C'était le {when}. Gardez vos codes de secours à part.").format(when=when(params)),
        _warning(words),
        _("Ce n'était pas vous ? Regardez votre compte"),
    )


def second_factor_off(words: Words, params: Params) -> Sentences:
    """Signing in asks for one proof less."""
    _ = words.gettext
    return Sentences(
        _("Une seconde preuve a été retirée de votre compte Boucle"),
        _("C'était le {when}.").format(when=when(params)),
        _warning(words),
        _("Ce n'était pas vous ? Regardez votre compte"),
    )


def recovery_code_used(words: Words, params: Params) -> Sentences:
    """Somebody came in with a recovery code."""
    _ = words.gettext
    return Sentences(
        _("Un code de secours a ouvert votre compte Boucle"),
        _("C'était le {when}. Ce code ne servira plus.").format(when=when(params)),
        _warning(words),
        _("Ce n'était pas vous ? Regardez votre compte"),
    )


def _warning(words: Words) -> str:
    _ = words.gettext
    return _("Vous recevez ceci parce que la manière d'entrer dans votre compte a changé. Ce message ne se coupe pas.")


TOPICS: Mapping[str, Callable[[Words, Params], Sentences]] = {
    f"{LINK}{LinkPurpose.SIGN_IN.value}": sign_in_link,
    f"{LINK}{LinkPurpose.RESET_PASSWORD.value}": reset_link,
    f"{LINK}{LinkPurpose.CONFIRM_EMAIL.value}": confirm_link,
    f"{LINK}{LinkPurpose.CHANGE_EMAIL.value}": change_link,
    f"{LINK}{LinkPurpose.INVITATION.value}": invitation_link,
    f"{LINK}{LinkPurpose.CLAIM.value}": claim_link,
    f"{CHANGED}{AccountChange.PASSWORD.value}": password_changed,
    f"{CHANGED}{AccountChange.EMAIL_ASKED.value}": email_asked,
    f"{CHANGED}{AccountChange.SECOND_FACTOR_ON.value}": second_factor_on,
    f"{CHANGED}{AccountChange.SECOND_FACTOR_OFF.value}": second_factor_off,
    f"{CHANGED}{AccountChange.RECOVERY_CODE_USED.value}": recovery_code_used,
    f"{CHANGED}{AccountChange.JOIN_ASKED.value}": join_asked,
    f"{CHANGED}{AccountChange.JOIN_STILL_ASKED.value}": join_still_asked,
    f"{CHANGED}{AccountChange.CLAIM_GRANTED.value}": claim_granted,
    f"{CHANGED}{AccountChange.CLAIM_REFUSED.value}": claim_refused,
    f"{CHANGED}{AccountChange.JOIN_WAITS.value}": join_waits,
    f"{CHANGED}{AccountChange.CLAIM_WAITS.value}": claim_waits,
    f"{CHANGED}{AccountChange.CLAIM_LAPSED.value}": claim_lapsed,
}
