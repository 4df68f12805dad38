"""What may be refused about an agreement; what rests on a law says that it is to be checked."""

from shared.refusal import Refusal


class AgreementUnknown(Refusal):
    """No such agreement, or one that does not name this organisation."""

    status = 404
    sentence = "Cet accord n'existe pas, ou votre structure n'y est pas citée."


class NamedProposalUnknown(Refusal):
    """A program named a proposal that its organisation did not receive."""

    status = 422
    field = "proposal_id"
    sentence = "Aucune proposition de ce numéro n'a été faite à votre structure."


class ProposalNotChosen(Refusal):
    """An agreement starts from a proposal that was chosen."""

    sentence = "Choisissez d'abord cette proposition : un accord se conclut à partir d'une proposition choisie."


class NamedTakingUnknown(Refusal):
    """A program named a taking of a lot that is not its organisation's."""

    status = 422
    field = "taking_id"
    sentence = "Aucun enlèvement de ce numéro ne porte sur un lot de votre structure."


class OriginMissing(Refusal):
    """An agreement starts from one thing."""

    status = 422
    field = "proposal_id"
    sentence = "Donnez une proposition choisie ou un enlèvement, et un seul des deux."


class TakingNotMade(Refusal):
    """Nothing is agreed about a part that is only kept, or that was given back."""

    sentence = "Un accord porte sur un enlèvement prévu ou fait : celui-ci n'est qu'une option, ou n'a pas lieu."


class TakingNotConfirmed(Refusal):
    """What a lot's agreement is about has left once both have said how much."""

    sentence = "Dites d'abord tous les deux combien est parti : l'enlèvement n'est pas encore confirmé."


class PriceIsProposed(Refusal):
    """The prices of a proposal are its own: another price is another proposal."""

    status = 422
    field = "price_cents"
    sentence = "Les prix sont ceux de la proposition choisie : un autre prix demande une autre proposition."


class LotPriceMissing(Refusal):
    """The price was left to be agreed, and now it is."""

    status = 422
    field = "price_side"
    sentence = "Le gisement laisse le prix à convenir : dites ici ce qui est convenu."


class ConcludedAlready(Refusal):
    """There is one agreement of a proposal or a taking; it is changed, or cancelled, before there is another."""

    sentence = "Un accord est déjà conclu là-dessus. Modifiez-le, ou annulez-le avant d'en conclure un autre."


class AuthorAloneWrites(Refusal):
    """Whose need or lot it is writes the agreement; the other side signs it, or ends it."""

    status = 403
    sentence = "Seule la structure qui a conclu l'accord le modifie. Dites-lui ce qui doit changer."


class AgreementBinds(Refusal):
    """Both have signed it: what it says stays as it is."""

    sentence = "Les deux parties ont signé : le texte de l'accord ne change plus."


class AgreementNotSigned(Refusal):
    """What was not signed by both is not carried out yet."""

    sentence = "Les deux parties n'ont pas encore signé : l'accord n'est pas en cours."


class AgreementEnded(Refusal):
    """It is completed or cancelled."""

    sentence = "Cet accord est terminé : on n'y change plus rien."


class DocumentNotRead(Refusal):
    """Only who says that they read it signs it."""

    status = 422
    field = "has_read"
    sentence = "Lisez le document, puis cochez la case avant de signer."


class DocumentChanged(Refusal):
    """The document that its signatory saw is not the one that would be signed."""

    status = 412
    sentence = "L'accord a changé depuis que vous l'avez lu. Relisez le nouveau document, puis signez."


class MilestoneUnknown(Refusal):
    """The agreement has no milestone of this number."""

    status = 422
    field = "number"
    sentence = "Cet accord n'a pas d'étape de ce numéro."


class CancelReasonMissing(Refusal):
    """Nothing ends without a word: the other side learns why."""

    status = 422
    field = "reason"
    sentence = "Choisissez la raison la plus proche : l'autre partie la lira."


class NatureUnfit(Refusal):
    """What the proposal says, and what the agreement is to be, do not go together."""

    status = 422
    field = "nature"


class PurchaseIsNoGift(NatureUnfit):
    """Domain rule: a purchase is never a gift."""

    sentence = "Un achat n'est jamais un don : ici l'acheteur paie. Choisissez une commande ou une cession. À vérifier."


class PaidForIsNoGift(NatureUnfit):
    """Whoever pays for goods buys them."""

    sentence = "Ici la structure paie ce qu'elle prend : c'est une cession, pas un don. À vérifier."


class OrderWithoutPrice(NatureUnfit):
    """An order is what its buyer pays for."""

    sentence = "Une commande a un prix que l'acheteur paie, et ici il ne paie rien. Choisissez une autre nature."


class LoanWithPrice(NatureUnfit):
    """A loan for use is free (Code civil, art. 1876)."""

    sentence = "Un prêt à usage est gratuit (Code civil, art. 1876), et ici il y a un prix. À vérifier."


class PublicDonorGivesNoPatronage(NatureUnfit):
    """Domain rule 7: what a public body hands over is no patronage."""

    sentence = (
        "{name} semble être un organisme public, et un donateur public ne fait pas de mécénat. "
        "Une cession gratuite peut convenir. À vérifier."
    )


class ReceiptNotIssued(NatureUnfit):
    """The donor wants a receipt that the recipient did not say it may issue (CGI, art. 238 bis)."""

    sentence = (
        "Un reçu fiscal est demandé (CGI, art. 238 bis) et {name} n'a pas déclaré pouvoir en émettre. "
        "Une cession gratuite peut convenir. À vérifier."
    )


class LotIsHandedOver(NatureUnfit):
    """A lot changes hands: that is no partnership."""

    sentence = "Un lot change de mains : c'est un don, une cession, un prêt, ou une commande si vous payez le preneur."


class HolderGives(Refusal):
    """A lot is handed over by who holds it."""

    status = 422
    field = "given_by"
    sentence = "C'est le détenteur du lot qui le remet."


class GiverMissing(Refusal):
    """A gift, a transfer or a loan says who hands over."""

    status = 422
    field = "given_by"
    sentence = "Dites qui remet ce dont il s'agit."


class PayerGivesNothing(Refusal):
    """Who pays receives, and who is paid gives."""

    status = 422
    field = "given_by"
    sentence = "Celui qui paie est celui qui reçoit : l'autre partie remet."


class MoneyIsGivenByWhoPays(Refusal):
    """A gift of money comes from whoever pays it."""

    status = 422
    field = "given_by"
    sentence = "Le prix dit que la structure verse cette somme : c'est elle qui donne."


class FocusMissing(Refusal):
    """A partnership says what it is about."""

    status = 422
    field = "focus"
    sentence = "Dites sur quoi porte le partenariat."


class ProvenanceMissing(Refusal):
    """What is transferred comes from somewhere, and its paper says from where."""

    status = 422
    field = "provenance"
    sentence = "Dites d'où viennent les objets ou les matières cédés."


class ReturnMissing(Refusal):
    """What is lent comes back."""

    status = 422
    field = "ends_on"
    sentence = "Dites jusqu'à quand le prêt dure."


class EndsBeforeItStarts(Refusal):
    """Two dates in the wrong order."""

    status = 422
    field = "ends_on"
    sentence = "La fin vient avant le début."


class SharesMissTheTotal(Refusal):
    """What is paid step by step is the price, no more and no less."""

    status = 422
    field = "milestones"
    sentence = "Les montants des étapes font {shares}, l'accord {total} : ils doivent être égaux, ou tous vides."


class AgreementNoSkillsGift(Refusal):
    """Only people who are lent for free, by an agreement that both signed, are a gift of skills."""

    sentence = (
        "Un don de compétences vient d'un partenariat de compétences signé par les deux parties, et gratuit. "
        "À vérifier."
    )
