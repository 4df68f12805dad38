"""What may be refused about a need."""

from shared.refusal import Refusal


class NeedUnknown(Refusal):
    """No such need, or not one this organisation may see."""

    status = 404
    sentence = "Ce besoin n'existe pas, ou plus."


class NeedAlreadyPublished(Refusal):
    """Published once already."""

    sentence = "Ce besoin est déjà publié."


class NeedNotPublished(Refusal):
    """Only a published need closes."""

    sentence = "Ce besoin n'est pas publié : retirez-le plutôt."


class NeedAlreadyEnded(Refusal):
    """Closed or withdrawn."""

    sentence = "Ce besoin est terminé. Copiez-le pour en publier un nouveau."


class NeedWithoutTitle(Refusal):
    """A need says what it seeks."""

    status = 422
    field = "title"
    sentence = "Dites en une ligne ce que vous cherchez."


class NeedWithoutPlace(Refusal):
    """A need is somewhere."""

    status = 422
    field = "place"
    sentence = "Indiquez la commune où cela se passe."


class NeedWithoutCategory(Refusal):
    """Nothing to match on."""

    status = 422
    field = "categories"
    sentence = "Choisissez au moins une catégorie : c'est elle qui trouve les bonnes structures."


class CategoryUnknown(Refusal):
    """Not in the vocabulary."""

    status = 422
    field = "categories"
    sentence = "La catégorie « {category} » n'existe pas."


class DeadlineInThePast(Refusal):
    """Nobody could answer in time."""

    status = 422
    field = "deadline_on"
    sentence = "La date limite est passée. Choisissez aujourd'hui ou plus tard."


class StartsBeforeDeadline(Refusal):
    """Work cannot start before the answers are in."""

    status = 422
    field = "starts_on"
    sentence = "Le début vient avant la date limite de réponse. Repoussez-le, ou avancez la date limite."


class EndsBeforeItStarts(Refusal):
    """The window is upside down."""

    status = 422
    field = "ends_on"
    sentence = "La fin vient avant le début."
