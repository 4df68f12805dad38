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


class NeedNotSubmitted(Refusal):
    """Only what waits for its check is accepted or sent back."""

    sentence = "Ce besoin n'attend pas de vérification."


class MeansUnfit(Refusal):
    """What is sought does not belong to the kind of need."""

    status = 422
    field = "means"
    sentence = "Choisissez une réponse qui va avec la nature du besoin."


class TenderWithoutAddress(Refusal):
    """A formal tender is answered on its buyer's own platform: it is linked, never copied."""

    status = 422
    field = "tender_url"
    sentence = "Donnez l'adresse de l'annonce sur votre profil d'acheteur : on y répond là-bas, pas ici."


class TenderWithHiddenAuthor(Refusal):
    """Nobody answers a public buyer without knowing which."""

    status = 422
    field = "author_hidden"
    sentence = "Un marché public montre toujours son acheteur : décochez, ou ce n'est pas un marché public formel."


class ReservedWithoutGround(Refusal):
    """A public buyer reserves by an article of the code, or not at all."""

    status = 422
    field = "clause_ground"
    sentence = (
        "Un marché public ne se réserve qu'au titre d'un article : choisissez lequel, ou n'en réservez pas l'accès."
    )


class HoursWithoutGround(Refusal):
    """Hours and publics belong to a clause."""

    status = 422
    field = "clause_ground"
    sentence = "Dites à quel titre vous demandez ces heures ou ces publics."


class AmountMissing(Refusal):
    """What is to be shown exactly must be given."""

    status = 422
    field = "amount_euros"
    sentence = "Donnez le montant, ou choisissez d'en montrer une fourchette ou rien."


class ContactUnknown(Refusal):
    """Whoever follows a need acts for the same organisation."""

    status = 422
    field = "contact_id"
    sentence = "Choisissez une personne de votre structure."
