"""The sentences about agreements: what the other side did, and what is left to do."""

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.dealings import CANCELLED_FOR, NATURES
from shared.phrases.names import named

TO_SIGN = ("concluded", "changed", "void", "signed")


def agreed(words: Words, params: Params) -> Sentences:
    """One step of an agreement, as its other side hears of it."""
    language, step = params["language"], str(params["step"])
    known = {
        "partner": params["partner"],
        "subject": params["title"],
        "nature": named(NATURES, params["nature"], language),
        "number": params.get("milestone"),
        "reason": _in_a_sentence(named(CANCELLED_FOR, params["reason"], language)) if "reason" in params else "",
    }
    action = words.gettext("Lire et signer") if step in TO_SIGN else words.gettext("Voir l'accord")
    return Sentences(
        _titles(words)[step].format(**known),
        _texts(words)[step].format(**known),
        words.gettext("Vous recevez ceci parce que votre structure est partie à cet accord."),
        action,
    )


def _titles(words: Words) -> dict[str, str]:
    _ = words.gettext
    changed = _("L'accord avec {partner} a changé")
    return {
        "concluded": _("{partner} a conclu un accord avec vous"),
        "changed": changed,
        "void": changed,
        "signed": _("{partner} a signé l'accord"),
        "running": _("{partner} a signé à son tour"),
        "ticked": _("{partner} a coché l'étape {number}"),
        "unticked": _("{partner} a décoché l'étape {number}"),
        "finished": _("{partner} dit que tout est fait"),
        "completed": _("L'accord avec {partner} est terminé"),
        "cancelled": _("{partner} a annulé l'accord"),
    }


def _texts(words: Words) -> dict[str, str]:
    _ = words.gettext
    see = _("« {subject} » : voyez où en est l'accord.")
    return {
        "concluded": _("« {subject} » ({nature}) : lisez le document, puis signez-le si tout y est."),
        "changed": _("« {subject} » : une nouvelle révision est à lire, et à signer."),
        "void": _("« {subject} » : ce qui était signé ne vaut plus. Une nouvelle révision est à lire, et à signer."),
        "signed": _("« {subject} » : il ne manque plus que votre signature."),
        "running": _("« {subject} » : les deux parties ont signé, l'accord est en cours."),
        "ticked": see,
        "unticked": see,
        "finished": _(
            "« {subject} » : confirmez-le si c'est aussi votre avis. L'accord se termine quand les deux le disent."
        ),
        "completed": _("« {subject} » : les deux parties disent que tout est fait."),
        "cancelled": _("« {subject} » : l'accord s'arrête. La raison donnée : {reason}."),
    }


def _in_a_sentence(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
