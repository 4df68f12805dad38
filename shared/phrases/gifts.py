"""What gifts, their papers, forms and bases are called, in French and English."""

from typing import Final

from shared.phrases.names import Names

GIFT_KINDS: Final[Names] = {
    "money": ("Argent", "Money"),
    "goods": ("Don en nature", "Gift in kind"),
    "skills": ("Mécénat de compétences", "Skills patronage"),
}
# As the receipt's form calls the nature of what is given.
GIFT_NATURES: Final[Names] = {
    "money": ("Numéraire", "Money"),
    "goods": ("Don en nature (biens)", "In kind (goods)"),
    "skills": ("Don en nature (mise à disposition de salariés)", "In kind (staff made available)"),
}
PAPERS: Final[Names] = {
    "receipt": ("Reçu fiscal", "Tax receipt"),
    "unsold": ("Attestation de don d'invendus", "Attestation of unsold goods"),
    "reception": ("Attestation de réception", "Attestation of reception"),
}
GIFT_FORMS: Final[Names] = {
    "notarial": ("Acte authentique", "Notarial deed"),
    "private": ("Acte sous seing privé", "Private deed"),
    "manual": ("Déclaration de don manuel", "Declaration of a manual gift"),
    "other": ("Autre forme", "Other form"),
}
BASES: Final[Names] = {
    "cost": ("Coût de revient (stock, prestation)", "Cost price (stock, services)"),
    "book": ("Valeur nette comptable (immobilisation)", "Net book value (fixed asset)"),
}
MEANS: Final[Names] = {
    "transfer": ("Virement", "Bank transfer"),
    "cheque": ("Chèque", "Cheque"),
    "card": ("Carte bancaire", "Bank card"),
    "debit": ("Prélèvement", "Direct debit"),
    "cash": ("Espèces", "Cash"),
    "other": ("Autre moyen", "Other means"),
}
PARTS: Final[Names] = {
    "paper": ("Le document", "The paper"),
    "recipient": ("Bénéficiaire", "Recipient"),
    "donor": ("Donateur", "Donor"),
    "gift": ("Le don", "The gift"),
    "signature": ("Signature", "Signature"),
}
