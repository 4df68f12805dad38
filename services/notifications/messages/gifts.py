"""The sentences about gifts: what the other side did, and what is left to do; and about eligibilities."""

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.gifts import GIFT_KINDS, PAPERS
from shared.phrases.names import ELIGIBILITIES, named


def gift(words: Words, params: Params) -> Sentences:
    """One step of a gift, as its other side hears of it."""
    _, language, step = words.gettext, params["language"], str(params["step"])
    known = {
        "partner": params["partner"],
        "subject": params["title"],
        "kind": named(GIFT_KINDS, params["kind"], language).lower(),
        "paper": named(PAPERS, params["paper"], language) if "paper" in params else "",
        "number": params.get("number"),
        "by": params.get("by"),
    }
    return Sentences(
        _titles(words)[step].format(**known),
        _texts(words)[step].format(**known),
        _("Vous recevez ceci parce que votre structure donne ou reçoit ce don."),
        _("Voir le don"),
    )


def eligibility(words: Words, params: Params) -> Sentences:
    """What a coordinator found about one of the three facts."""
    _, name = words.gettext, named(ELIGIBILITIES, params["code"], params["language"])
    is_refused = bool(params["is_refused"])
    title = _("Éligibilité refusée : {name}") if is_refused else _("Éligibilité vérifiée : {name}")
    text = (
        _("Un coordinateur du territoire dit pourquoi, sur cette page. Vous pouvez déclarer de nouveau.")
        if is_refused
        else _("Un coordinateur du territoire a vu le justificatif. Les documents qui en dépendent peuvent s'établir.")
    )
    return Sentences(
        title.format(name=name),
        text,
        _("Vous recevez ceci parce que votre structure a déclaré cette éligibilité."),
        _("Voir les éligibilités"),
    )


def _titles(words: Words) -> dict[str, str]:
    _ = words.gettext
    received = _("{partner} a confirmé ce qui est reçu")
    cancelled = _("{partner} a annulé un document : {paper} {number}")
    return {
        "to-give": _("Votre don à {partner} est promis"),
        "to-receive": _("{partner} vous promet un don"),
        "valued": _("{partner} a dit ce que vaut son don"),
        "delivered": received,
        "differs": received,
        "to-sign": _("{partner} a rempli la feuille de présence"),
        "sheet_signed": _("{partner} a signé la feuille de présence"),
        "issued": _("{partner} a établi un document : {paper} {number}"),
        "cancelled": cancelled,
        "voided": cancelled,
        "returned": _("Une somme du don avec {partner} a été rendue"),
        "to-replace": _("Une somme a été rendue à {partner} : un document est à remplacer"),
        "withdrawn": _("Le don avec {partner} n'aura pas lieu"),
    }


def _texts(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "to-give": _("« {subject} » ({kind}) : dites ce que vaut ce don. Votre structure seule l'estime."),
        "to-receive": _("« {subject} » ({kind}) : quand il arrive, dites ce que vous avez reçu."),
        "valued": _("« {subject} » : la valeur dite par le donateur figure sur la page du don."),
        "delivered": _("« {subject} » : tout est arrivé comme promis. Le bénéficiaire peut établir le document."),
        "differs": _(
            "« {subject} » : ce qui est arrivé n'est pas ce qui était promis. Redites-en la valeur s'il le faut."
        ),
        "to-sign": _("« {subject} » : lisez la feuille de présence, puis signez-la."),
        "sheet_signed": _("« {subject} » : la feuille de présence est signée par les deux structures."),
        "issued": _("« {subject} » : le document est à télécharger sur la page du don."),
        "cancelled": _("« {subject} » : le n° {by} le remplace. La raison se lit sur la page du don."),
        "voided": _(
            "« {subject} » : rien n'en reste, aucun autre ne le remplace. La raison se lit sur la page du don."
        ),
        "returned": _("« {subject} » : ce qui en reste figure sur la page du don."),
        "to-replace": _("« {subject} » : ce document ne dit plus ce que vous avez gardé. Annulez-le et remplacez-le."),
        "withdrawn": _("« {subject} » : la promesse est retirée, rien n'est à faire."),
    }
