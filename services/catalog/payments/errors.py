"""What may be refused about settlements."""

from shared.refusal import Refusal


class SettlementUnknown(Refusal):
    """No such settlement, or one of two other organisations."""

    status = 404
    sentence = "Ce règlement n'existe pas, ou plus."


class PayerAlone(Refusal):
    """Who pays says that it did."""

    status = 403
    sentence = "C'est à la structure qui paie de le dire."


class PayeeAlone(Refusal):
    """Who is paid says what it received."""

    status = 403
    sentence = "C'est à la structure qui est payée de le dire."


class NothingOwed(Refusal):
    """Paid already, or not owed any more."""

    sentence = "Rien n'est à payer ici : le règlement est déjà déclaré, confirmé ou annulé."


class NothingDeclared(Refusal):
    """Nobody says that it was paid."""

    sentence = "Rien n'est déclaré payé : il n'y a rien à confirmer ni à contester."


class PaidTooEarly(Refusal):
    """Nobody paid for what was not signed, and not tomorrow."""

    status = 422
    field = "paid_on"
    sentence = "Le paiement ne peut pas dater d'avant l'accord, ni de demain : vérifiez le jour."


class ReasonMissing(Refusal):
    """The other side reads why."""

    status = 422
    field = "reason"
    sentence = "Dites pourquoi : l'autre structure le lit et sait quoi vérifier."


class BilledTooLate(Refusal):
    """What was paid was paid for an amount."""

    sentence = (
        "Le montant ne change plus : ce règlement est déjà déclaré payé. Pour le corriger, contestez-le ou rendez la "
        "différence."
    )


class InvoicedFarAway(Refusal):
    """A slip of the pen: rates are known of the days of agreements."""

    status = 422
    field = "invoiced_on"
    sentence = "La date de la facture est à plus d'un an de l'accord ou d'aujourd'hui : vérifiez-la."


class VatTooHigh(Refusal):
    """A slip of the pen; the highest rate is in the figures of the territory."""

    status = 422
    field = "vat_euros"
    sentence = "La TVA dépasse {most} % du montant hors taxes ({amount}) : vérifiez-la."


class CreditedAnotherDay(Refusal):
    """Nobody takes back an invoice for what was not signed, nor tomorrow."""

    status = 422
    field = "credited_on"
    sentence = "L'avoir ne peut pas dater d'avant l'accord, ni de demain : vérifiez le jour."


class NothingToCredit(Refusal):
    """A credit note takes back an invoice, or a part of it."""

    sentence = "Rien n'est à créditer : aucune facture n'est notée, ou rien n'en a été rendu ni annulé."


class NothingToGiveBack(Refusal):
    """Only what was received is given back."""

    sentence = "Rien n'est à rendre : ce règlement n'est pas confirmé, ou tout a déjà été rendu."


class MoreThanReceived(Refusal):
    """Only what was received is given back."""

    status = 422
    field = "back_euros"
    sentence = "Vous avez reçu {most} : on ne rend pas plus."


class BackAlready(Refusal):
    """One at a time, so that both know which one is meant."""

    sentence = "Un remboursement attend déjà d'être confirmé."


class NothingGivenBack(Refusal):
    """Nobody says that anything was given back."""

    sentence = "Aucun remboursement n'attend d'être confirmé."


class MonthUnknown(Refusal):
    """A month is a year and a month."""

    status = 404
    sentence = "Ce mois n'existe pas. Écrivez-le 2026-11."


class AmountMissing(Refusal):
    """Nobody gives back nothing."""

    status = 422
    field = "back_euros"
    sentence = "Écrivez le montant rendu."


class PaidOnline(Refusal):
    """What happens to it is known from Stripe, not from what one of the two says."""

    sentence = (
        "Ce règlement est payé en ligne : son état vient de Stripe, personne n'a à le confirmer ni à le contester."
    )


class NotOnline(Refusal):
    """This installation, or this settlement, has no payment online."""

    sentence = "Ce règlement n'a pas été payé en ligne."


class OfflineHere(Refusal):
    """Nothing is paid online here."""

    sentence = "Ici, rien ne se paie en ligne : payez l'autre structure vous-même, puis dites-le."


class PayeeNotReady(Refusal):
    """Money cannot be sent where there is no account."""

    sentence = "{name} ne reçoit pas encore de paiements en ligne : payez par virement, puis dites-le ici."


class TooSmallOnline(Refusal):
    """Stripe takes no less."""

    sentence = "En ligne, on paie {least} au moins : payez autrement, puis dites-le."


class StripeAway(Refusal):
    """Nobody knows yet; asked again, nothing is done twice."""

    status = 503
    sentence = "Stripe ne répond pas pour l'instant. Rien n'est perdu : recommencez dans une minute."


class StripeRefused(Refusal):
    """What Stripe says goes to the log: it is in English, and for whoever runs this."""

    status = 502
    sentence = "Stripe a refusé la demande. L'exploitant de cette installation trouve pourquoi dans son journal."


class NotPassedOn(Refusal):
    """What the payee has not is not given back by it."""

    sentence = "Ce paiement n'est pas encore versé sur votre compte : recommencez dans quelques minutes."


class NothingHeld(Refusal):
    """Taken already, let go, or never held."""

    sentence = "Aucune carte n'est réservée pour ce règlement : rechargez la page pour voir où il en est."


class NoticeForged(Refusal):
    """Not signed with one of our secrets, or not now."""

    status = 400
    sentence = "Cette notification n'est pas signée par Stripe, ou pas maintenant."


class OwnersAlone(Refusal):
    """An account receives money."""

    status = 403
    sentence = "Seule une personne responsable de votre structure peut demander ce compte."
