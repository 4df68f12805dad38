"""What may go wrong on the way to a provider and back."""

from shared.refusal import Refusal


class NoProvider(Refusal):
    """This Boucle knows no provider."""

    status = 404
    sentence = "Cette connexion n'existe pas ici. Connectez-vous avec votre adresse et votre mot de passe."


class ProviderAway(Refusal):
    """The provider does not answer."""

    status = 502
    sentence = "Le service d'identité ne répond pas. Réessayez dans un moment, ou connectez-vous autrement."


class ProviderRefused(Refusal):
    """What came back does not hold: another sign-in's, too old, not signed as it should be, or refused over there."""

    status = 422
    sentence = "La connexion n'a pas abouti. Recommencez, ou connectez-vous autrement."


class IdentityTaken(Refusal):
    """The identity opens another account."""

    status = 409
    sentence = "Cette identité ouvre déjà un autre compte. Déconnectez-la de celui-là d'abord."


class NotLinked(Refusal):
    """There is nothing to take away."""

    status = 404
    sentence = "Votre compte n'est relié à aucune identité."
