"""The sentences about settlements: how much, between whom, and what is left to do."""

from datetime import date

from services.notifications.messages.topics import Params, Sentences, Words
from shared.phrases.names import named
from shared.phrases.payments import DISPUTED_FOR
from shared.web import i18n


def settled(words: Words, params: Params) -> Sentences:
    """One step of a settlement, as the side that has to know it hears of it."""
    language, step, pays = params["language"], str(params["step"]), bool(params["pays"])
    if params["about_kind"] == "mandate":
        return _mandated(words, step, str(params["partner"]), pays=pays)
    known = {
        "partner": params["partner"],
        "subject": params["title"],
        "money": i18n.money(int(params["cents"]), "EUR", language),
        "day": i18n.full_day(date.fromisoformat(params["due_on"]), language),
        "reason": named(DISPUTED_FOR, params["reason"], language) if "reason" in params else "",
    }
    titles, texts = _titles(words, pays=pays), _texts(words, pays=pays)
    if params.get("online"):
        titles, texts = titles | _titles_online(words, pays=pays), texts | _texts_online(words, pays=pays)
    title = titles[step].format(**known)
    return Sentences(
        words.gettext("Simulation : {title}").format(title=title) if params.get("simulated") else title,
        texts[step].format(**known),
        words.gettext("Vous recevez ceci parce que votre structure paie ou est payée par cet accord."),
        words.gettext("Voir le règlement"),
    )


def _mandated(words: Words, step: str, partner: str, *, pays: bool) -> Sentences:
    """A mandate to bill was given, or is over."""
    _ = words.gettext
    if step == "mandate_given":
        title = _("{partner} vous confie ses factures")
        text = _("Notez-les en son nom, sur la page de chaque règlement, tant que le mandat est en cours.")
    else:
        title = _("Le mandat de facturation avec {partner} a pris fin")
        text = (
            _("{partner} écrit de nouveau ses factures. Ce qui est noté reste.")
            if pays
            else _("À vous d'écrire de nouveau vos factures pour {partner}. Ce qui est noté reste.")
        )
    return Sentences(
        title.format(partner=partner),
        text.format(partner=partner),
        _("Vous recevez ceci parce que votre structure paie ou est payée par l'autre."),
        _("Voir les mandats"),
    )


def _titles(words: Words, *, pays: bool) -> dict[str, str]:
    _ = words.gettext
    both = {
        "billed": _("{partner} a noté sa facture : {money}"),
        "self_billed": _("{partner} a noté votre facture : {money}"),
        "credited": _("{partner} a noté un avoir"),
        "declared": _("{partner} dit avoir payé {money}"),
        "confirmed": _("{partner} a reçu vos {money}"),
        "returned": _("{partner} dit vous avoir rendu {money}"),
        "refunded": _("{partner} a reçu votre remboursement de {money}"),
        "voided": _("{money} ne sont plus dus avec {partner}"),
        "overdue": _("{money} à payer à {partner} : le jour est passé"),
    }
    if pays:
        return {
            **both,
            "due": _("{money} à payer à {partner}"),
            "disputed": _("{partner} conteste votre paiement de {money}"),
        }
    return {
        **both,
        "due": _("{money} à recevoir de {partner}"),
        "disputed": _("{partner} n'a pas reçu votre remboursement"),
    }


def _texts(words: Words, *, pays: bool) -> dict[str, str]:
    _ = words.gettext
    both = {
        "billed": _("« {subject} » : c'est le montant à payer, TVA comprise, pour le {day}."),
        "self_billed": _("« {subject} » : par votre mandat. Vérifiez-la : si elle est fausse, notez la bonne."),
        "credited": _("« {subject} » : son numéro et son jour sont sur la page du règlement."),
        "declared": _("« {subject} » : regardez votre compte, puis confirmez ou contestez."),
        "confirmed": _("« {subject} » : ce règlement est terminé."),
        "returned": _("« {subject} » : regardez votre compte, puis dites si c'est arrivé."),
        "refunded": _("« {subject} » : rien n'est à faire."),
        "voided": _("« {subject} » : l'accord a été annulé avant tout paiement."),
        "overdue": _("« {subject} » : c'était pour le {day}. Payez, ou dites que c'est fait."),
    }
    if pays:
        return {
            **both,
            "due": _("« {subject} » : l'accord est signé. À payer pour le {day}, TVA en plus s'il y en a."),
            "disputed": _("« {subject} » : la raison donnée est « {reason} ». Vérifiez, puis déclarez-le de nouveau."),
        }
    return {
        **both,
        "due": _("« {subject} » : l'accord est signé. Notez votre facture et sa TVA, {partner} paie ensuite."),
        "disputed": _("« {subject} » : vérifiez le virement, puis déclarez-le de nouveau."),
    }


def _titles_online(words: Words, *, pays: bool) -> dict[str, str]:
    _ = words.gettext
    contest = {
        "contest_open": _("La banque de {partner} conteste un paiement de {money}"),
        "contest_won": _("La banque a tranché : {money} restent payés"),
        "contest_lost": _("La banque a tranché : {money} sont rendus"),
    }
    if pays:
        return {
            **contest,
            "confirmed": _("Votre paiement de {money} à {partner} est arrivé"),
            "failed": _("Votre paiement de {money} à {partner} n'a pas abouti"),
            "returned": _("{partner} vous rembourse {money}"),
        }
    return {
        **contest,
        "declared": _("{partner} vous paie {money} en ligne"),
        "confirmed": _("{partner} vous a payé {money}"),
        "failed": _("Votre remboursement de {money} n'a pas abouti"),
        "refunded": _("{money} sont remboursés à {partner}"),
    }


def _texts_online(words: Words, *, pays: bool) -> dict[str, str]:
    _ = words.gettext
    contest = {
        "contest_open": _("« {subject} » : l'argent est repris le temps que la banque décide. Rien n'est à faire ici."),
        "contest_won": _("« {subject} » : ce règlement est de nouveau payé."),
        "contest_lost": _(
            "« {subject} » : l'argent est rendu à qui a payé. Parlez-en ensemble si le travail est fait."
        ),
    }
    if pays:
        return {
            **contest,
            "confirmed": _("« {subject} » : ce règlement est terminé."),
            "failed": _("« {subject} » : la banque a refusé. Rien n'a été prélevé : payez de nouveau, ou autrement."),
            "returned": _("« {subject} » : Stripe renvoie l'argent par où il est venu. Rien n'est à faire."),
        }
    return {
        **contest,
        "declared": _("« {subject} » : la banque a quelques jours pour répondre. Rien n'est à confirmer."),
        "confirmed": _("« {subject} » : Stripe verse l'argent sur votre compte. Rien n'est à confirmer."),
        "failed": _("« {subject} » : l'argent reste sur votre compte. Rendez-le autrement."),
        "refunded": _("« {subject} » : Stripe a renvoyé l'argent. Rien n'est à faire."),
    }
