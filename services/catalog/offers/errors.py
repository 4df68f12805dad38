"""What may be refused about an offer."""

from shared.refusal import Refusal


class OfferUnknown(Refusal):
    """No such offer, or not one this organisation may see."""

    status = 404
    sentence = "Cette activité n'existe pas, ou plus."


class OfferAlreadyPublished(Refusal):
    """Published once already."""

    sentence = "Cette activité est déjà publiée."


class OfferNotPublished(Refusal):
    """Only a published offer pauses."""

    sentence = "Cette activité n'est pas publiée : il n'y a rien à mettre en pause."


class OfferNotPaused(Refusal):
    """Only a paused offer resumes."""

    sentence = "Cette activité n'est pas en pause."


class OfferWithdrawnAlready(Refusal):
    """Withdrawn for good."""

    sentence = "Cette activité est retirée. Créez-en une nouvelle pour être de nouveau proposé."


class OfferWithoutTitle(Refusal):
    """An offer says what it does."""

    status = 422
    field = "title"
    sentence = "Dites en une ligne ce que vous savez faire."


class OfferServesNothing(Refusal):
    """It answers no kind of need and takes no material."""

    status = 422
    field = "need_kinds"
    sentence = "Cochez au moins une nature de besoin, ou « Nous prenons des matières »."


class OfferWithoutCategory(Refusal):
    """Nothing to match on."""

    status = 422
    field = "categories"
    sentence = "Choisissez au moins une catégorie : c'est elle qui trouve les bons besoins."


class ZoneUnknown(Refusal):
    """No area has this name."""

    status = 422
    field = "zones"
    sentence = (
        "Nous ne trouvons pas la zone « {zone} ». Écrivez par exemple « 30 km autour de Launaguet », "
        "« Toulouse Métropole », « Haute-Garonne » ou « France entière »."
    )


class ZoneAmbiguous(Refusal):
    """Several areas have this name."""

    status = 422
    field = "zones"
    sentence = "Plusieurs zones s'appellent « {zone} » : {choices}. Recopiez celle que vous voulez."


class CapacityWithoutUnit(Refusal):
    """A number alone says nothing."""

    status = 422
    field = "quantity_unit"
    sentence = "Choisissez l'unité de votre capacité."


class MinimumAboveCapacity(Refusal):
    """Nothing would ever fit."""

    status = 422
    field = "minimum_value"
    sentence = "Le minimum dépasse votre capacité : rien ne vous serait proposé."


class OfferEndsBeforeItStarts(Refusal):
    """The window is upside down."""

    status = 422
    field = "ends_on"
    sentence = "La fin vient avant le début."


class PauseEndsInThePast(Refusal):
    """A pause ends later than today."""

    status = 422
    field = "resume_on"
    sentence = "La reprise est au plus tôt demain."
