"""What may be refused about an organisation."""

from shared.refusal import Refusal


class SiretInvalid(Refusal):
    """The number fails its own check digit, or is not 14 digits."""

    status = 422
    field = "siret"
    sentence = (
        "Ce SIRET n'est pas valable : 14 chiffres, dont le dernier contrôle les autres. "
        "Vérifiez-le sur un avis de situation."
    )


class SiretAlreadyHeld(Refusal):
    """Another organisation has this number."""

    status = 409
    field = "siret"
    sentence = "{name} est déjà sur Boucle sous ce SIRET : demandez à agir pour elle, depuis sa page."


class PlaceUnknown(Refusal):
    """No commune has this name or postcode, or several have."""

    status = 422
    field = "place"
    sentence = (
        "Nous ne trouvons pas ce lieu. Écrivez la commune, ou son code postal puis son nom : « 31140 Fonbeauzard »."
    )


class PlaceAmbiguous(Refusal):
    """Several communes have this name."""

    status = 422
    field = "place"
    sentence = "Plusieurs communes s'appellent ainsi : {choices}. Ajoutez le département ou le code postal."


class OtherSuspended(Refusal):
    """A coordinator suspended the organisation on the other side; its name is not said, for an author may hide it."""

    sentence = (
        "Cette structure est suspendue pour l'instant : rien de nouveau ne s'engage avec elle. Ce qui est en cours "
        "se termine ou s'annule ; le territoire vous renseigne."
    )


class OrganisationRefused(Refusal):
    """A coordinator refused the organisation."""

    status = 403
    sentence = "Votre structure n'a pas été acceptée : écrivez au territoire pour savoir pourquoi."


class OrganisationWaiting(Refusal):
    """It is nobody's establishment yet: its person waits for an answer."""

    status = 403
    sentence = "Votre demande attend encore sa réponse : vous agirez dès qu'elle est acceptée."


class AsksResumeInThePast(Refusal):
    """A pause of solicitations ends later than today."""

    status = 422
    field = "asks_resume_on"
    sentence = "La reprise est au plus tôt demain."
