"""What may be refused about the VAT of a bill."""

from shared.refusal import Refusal


class RateUnknown(Refusal):
    """Rates are dated lines: on the day of the invoice there was none such."""

    status = 422
    field = "vat_lines"
    sentence = "Le taux de TVA {rate} % n'existe pas au jour de la facture."


class ExemptionMissing(Refusal):
    """Who charges no VAT says by which article; who charges some says none."""

    status = 422
    field = "vat_lines"
    sentence = "À 0 %, dites pourquoi la TVA n'est pas due ; à un autre taux, n'en dites rien."


class LinesDiffer(Refusal):
    """What was signed is what is billed."""

    status = 422
    field = "vat_lines"
    sentence = "Les montants hors taxes par taux font {sum}, le règlement {net} : corrigez l'un d'eux."


class VatDiffers(Refusal):
    """Lines say the VAT; another sum beside them is a slip of the pen."""

    status = 422
    field = "vat_cents"
    sentence = "La TVA par taux fait {sum} : ne donnez pas un autre montant."


class VatNumberWrong(Refusal):
    """Its key says whether a VAT number was typed right."""

    status = 422
    field = "vat_number"
    sentence = "Ce numéro de TVA n'est pas valable : vérifiez-le, par exemple FR40303265045."


class VatNumberOfAnother(Refusal):
    """A French VAT number ends with the SIREN of whose it is."""

    status = 422
    field = "vat_number"
    sentence = "Ce numéro de TVA n'est pas celui de votre structure : il finit par un autre SIREN."
