"""What may be refused alike of needs, offers and flows."""

from shared.refusal import Refusal


class EmailUnconfirmed(Refusal):
    """The author has not answered the letter to their address."""

    status = 403
    sentence = (
        "Confirmez d'abord votre adresse e-mail : ouvrez la lettre qui vous attend, et appuyez sur son bouton. "
        "En attendant, vous pouvez garder un brouillon."
    )
