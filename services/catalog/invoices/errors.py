"""What may be refused about the data of an invoice."""

from shared.refusal import Refusal


class NotBilledByRate(Refusal):
    """The data of an invoice says VAT rate by rate."""

    status = 422
    sentence = "Les données de facture demandent un numéro de facture et la TVA taux par taux : notez-les d'abord."
