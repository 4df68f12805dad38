"""What may be refused about a gift; what rests on a law says that it is to be checked."""

from shared.refusal import Refusal


class GiftUnknown(Refusal):
    """No such gift, or one of others."""

    status = 404
    sentence = "Ce don n'existe pas, ou votre structure n'y a pas part."


class PaperUnknown(Refusal):
    """No such receipt or attestation, or one of others."""

    status = 404
    sentence = "Ce document n'existe pas, ou ne vous est pas destiné."


class NamedGiftUnknown(Refusal):
    """A program named a gift that its organisation has no part in."""

    status = 422
    field = "gift_id"
    sentence = "Aucun don de ce numéro ne concerne votre structure."


class NamedPaperUnknown(Refusal):
    """A program named a paper that its organisation did not issue."""

    status = 422
    field = "paper_id"
    sentence = "Votre structure n'a établi aucun document de ce numéro."


class GiftWithdrawnAlready(Refusal):
    """It will not be given."""

    sentence = "Ce don a été retiré : il n'y a plus rien à en dire."


class DonorAloneValues(Refusal):
    """Law and rule 7: nobody else says what a gift is worth."""

    sentence = "Le donateur seul dit ce que vaut son don."


class RecipientAloneConfirms(Refusal):
    """Who receives says what arrived."""

    sentence = "Le bénéficiaire seul dit ce qu'il a reçu."


class RecipientAloneIssues(Refusal):
    """Papers about a gift are the recipient's."""

    status = 403
    sentence = "Le bénéficiaire seul établit les documents d'un don."


class AloneMissing(Refusal):
    """The donor says that it valued the gift itself."""

    status = 422
    field = "alone"
    sentence = "Confirmez que votre structure a estimé ce don seule."


class ValuesMissing(Refusal):
    """Every line that is given has a value."""

    status = 422
    field = "lines"
    sentence = "Dites ce que vaut chaque ligne, et sur quelle base."


class PersonsMissing(Refusal):
    """Skills are valued by person."""

    status = 422
    field = "persons"
    sentence = "Dites le coût horaire d'au moins une personne, par ses initiales."


class PersonTwice(Refusal):
    """Initials tell one person from another."""

    status = 422
    field = "persons"
    sentence = "Deux personnes ont les mêmes initiales : {person}. Ajoutez une lettre à l'une d'elles."


class CounterpartTooLarge(Refusal):
    """What comes in return is more than usage accepts of a gift."""

    status = 422
    field = "counterpart_euros"
    sentence = (
        "Cette contrepartie dépasse {percent} % de la valeur du don : ce n'est plus un don. Concluez plutôt une "
        "commande ou un partenariat (parrainage), ou réduisez la contrepartie. Usage fiscal, à vérifier."
    )


class DeliveredTooLate(Refusal):
    """Nothing is received tomorrow."""

    status = 422
    field = "on"
    sentence = "Le jour de la réception est aujourd'hui au plus tard, et pas plus d'un an avant la promesse."


class CountsMissing(Refusal):
    """Goods are counted line by line, zero included."""

    status = 422
    field = "received"
    sentence = "Dites combien vous avez reçu sur chaque ligne, zéro compris."


class NothingReceived(Refusal):
    """Zero of everything is no delivery."""

    status = 422
    field = "received"
    sentence = "Vous n'avez rien reçu : rien n'est à confirmer. Écrivez au donateur."


class MoneyMissing(Refusal):
    """The bank line says how much, and by what."""

    status = 422
    field = "euros"
    sentence = "Dites la somme reçue et le moyen de paiement."


class SettlementConfirms(Refusal):
    """Money of an agreement is confirmed once: where it is settled."""

    sentence = "Cette somme se confirme sur son règlement, une seule fois. Ce don le dit ensuite de lui-même."


class SheetMissing(Refusal):
    """Skills are attended on days."""

    status = 422
    field = "sheet"
    sentence = "Remplissez au moins une ligne de la feuille de présence."


class SheetDayTwice(Refusal):
    """A day has 24 hours for everybody."""

    status = 422
    field = "sheet"
    sentence = "Plus de 24 heures pour {person} le {day} : corrigez la feuille."


class SheetNotThere(Refusal):
    """Only a gift of skills has one, once its recipient filled it in."""

    sentence = "Il n'y a pas encore de feuille de présence à signer."


class SheetChanged(Refusal):
    """What is signed is what was read."""

    sentence = "La feuille de présence a changé depuis que vous l'avez lue. Relisez-la, puis signez."


class DeliveredAlready(Refusal):
    """What arrived is not taken back here."""

    sentence = "Le bénéficiaire a confirmé ce don : il ne se retire plus."


class AgreementBindsGift(Refusal):
    """The promise stands in an agreement."""

    sentence = "Ce don vient d'un accord : c'est l'accord qui s'annule, pas la promesse."


class ReceiptNotYours(Refusal):
    """Only an entity that was checked issues tax receipts."""

    status = 403
    sentence = (
        "Votre structure n'est pas déclarée et vérifiée comme pouvant émettre des reçus fiscaux (CGI, art. 238 bis). "
        "Vous pouvez établir une attestation de réception, sans mention fiscale."
    )


class UnsoldNotYours(Refusal):
    """Only an entity that was checked attests unsold goods."""

    status = 403
    sentence = (
        "Votre structure n'est pas déclarée et vérifiée pour les invendus dont la TVA est conservée (CGI, art. "
        "273 septies D). Vous pouvez établir une attestation de réception, sans mention fiscale."
    )


class NotUnsold(Refusal):
    """The donor says that goods are unsold and new."""

    sentence = "Le donateur ne dit pas que ces biens sont des invendus neufs : l'attestation ne s'applique pas."


class NothingToAttest(Refusal):
    """No gift of that year and donor is left without an attestation."""

    status = 422
    field = "year"
    sentence = "Aucun don d'invendus de ce donateur cette année-là n'attend d'attestation."


class MentionsMissing(Refusal):
    """A paper lacks what the law wants on it."""

    status = 422
    sentence = "Il manque au document : {missing}."


class IssuedAlready(Refusal):
    """One paper of a kind stands for a gift."""

    sentence = "Ce don a déjà un document de cette nature : il s'annule et se remplace, il ne se double pas."


class PaperCancelled(Refusal):
    """It is void already, and another stands in its place."""

    sentence = "Ce document est déjà annulé : un autre le remplace."


class ReasonMissing(Refusal):
    """Whoever reads that a number is void reads why."""

    status = 422
    field = "reason"
    sentence = "Dites pourquoi ce document est remplacé."
