"""What may be refused of a search in the audit log."""

from shared.refusal import Refusal


class OwnersOnly(Refusal):
    """An organisation's log says what each of its members did."""

    status = 403
    sentence = "Le journal de votre structure est pour ses responsables."


class ReferenceUnreadable(Refusal):
    """Neither an id nor an address that holds one."""

    status = 422
    field = "about"
    sentence = "Collez l'adresse de la page, ou son identifiant : 36 lettres, chiffres et tirets."


class DatesInDisorder(Refusal):
    """The last day comes before the first."""

    status = 422
    field = "until"
    sentence = "Une date qui ne précède pas le premier jour."


class OrganisationNotFound(Refusal):
    """Nobody is called so."""

    status = 422
    field = "organisation"
    sentence = "Aucune structure ne porte ce nom : vérifiez l'orthographe, ou son SIRET."
