"""What may be refused about the vocabulary."""

from shared.refusal import Refusal


class NoSuchCategory(Refusal):
    """The vocabulary has no category of that name."""

    status = 404
    sentence = "Cette catégorie n'existe pas."
