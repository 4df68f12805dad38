"""What may be refused to an assistant; the sentences reach the assistant, which then asks otherwise."""

from shared.refusal import Refusal


class OriginForeign(Refusal):
    """A page of another site asks through somebody's browser."""

    status = 403
    sentence = "Cette adresse ne répond pas aux pages d'autres sites."


class CategoryNotKnown(Refusal):
    """The vocabulary has no such category."""

    sentence = "La catégorie {category} n'existe pas : « suggest_categories » en trouve une pour un texte."
    field = "category"


class KeyNeeded(Refusal):
    """What is one organisation's own is given to whoever shows its key."""

    status = 401
    sentence = "Il faut la clé d'une structure : « Authorization: Bearer boucle_… »."
