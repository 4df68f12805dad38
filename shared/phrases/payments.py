"""What the codes of settlements are called, in French and English; the codes are those of `shared.events.payments`."""

from typing import Final

from shared.phrases.names import Names

MEANS: Final[Names] = {
    "transfer": ("Virement", "Bank transfer"),
    "debit": ("Prélèvement", "Direct debit"),
    "card": ("Carte", "Card"),
    "cheque": ("Chèque", "Cheque"),
    "offset": ("Compensation avec une autre facture", "Offset against another invoice"),
    "other": ("Autre moyen", "Other means"),
}

DISPUTED_FOR: Final[Names] = {
    "not_arrived": ("Rien n'est arrivé sur le compte", "Nothing arrived in the account"),
    "amount": ("Le montant n'est pas le bon", "The amount is not right"),
    "reference": ("La référence ne correspond à rien", "The reference matches nothing"),
    "other": ("Autre raison", "Another reason"),
}

# Why money or a claim moved, in a statement; the codes are `services.catalog.payments.ledger.Why`.
MOVES: Final[Names] = {
    "due": ("Dû par accord signé", "Due by a signed agreement"),
    "vat": ("TVA de la facture", "VAT of the invoice"),
    "declared": ("Déclaré payé", "Declared paid"),
    "confirmed": ("Paiement confirmé", "Payment confirmed"),
    "disputed": ("Paiement contesté", "Payment disputed"),
    "voided": ("Annulé avec l'accord", "Voided with the agreement"),
    "returned": ("Remboursement déclaré", "Refund declared"),
    "refunded": ("Remboursement confirmé", "Refund confirmed"),
    "not_returned": ("Remboursement contesté", "Refund disputed"),
    "charged": ("Paiement en ligne", "Online payment"),
    "failed": ("Paiement échoué", "Payment failed"),
    "passed_on": ("Versé au bénéficiaire", "Passed on to the payee"),
    "fee": ("Frais de service", "Service fee"),
    "surplus": ("Payé en trop", "Paid in surplus"),
    "contested": ("Contestation bancaire", "Bank dispute"),
}

ACCOUNTS: Final[Names] = {
    "owed": ("À payer", "To be paid"),
    "claimed": ("À recevoir", "To be received"),
    "underway": ("Payé, pas encore confirmé", "Paid, not yet confirmed"),
    "paid": ("Payé", "Paid"),
    "received": ("Reçu", "Received"),
    "returning": ("Rendu, pas encore confirmé", "Given back, not yet confirmed"),
    "held": ("Retenu par la plateforme", "Held by the platform"),
    "fees": ("Frais de la plateforme", "Fees of the platform"),
    "contested": ("Contesté à la banque", "Contested at the bank"),
}
