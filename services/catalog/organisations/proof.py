"""What convinces that an organisation is what it says, and that somebody is its own: the ways of domain.md, rule 11."""

from collections.abc import Mapping
from enum import StrEnum


class Proof(StrEnum):
    """What convinced."""

    REGISTER = "register"
    EMAIL_DOMAIN = "email_domain"
    LETTER = "letter"
    CALL = "call"
    VISIT = "visit"
    DOCUMENT = "document"


PROOFS: Mapping[Proof, str] = {
    Proof.REGISTER: "Registre public (SIRENE, RNA, liste de l'État)",
    Proof.EMAIL_DOMAIN: "Adresse e-mail au domaine de la structure",
    Proof.LETTER: "Courrier à son adresse officielle",
    Proof.CALL: "Appel à son numéro officiel",
    Proof.VISIT: "Visite sur place",
    Proof.DOCUMENT: "Justificatif envoyé",
}
