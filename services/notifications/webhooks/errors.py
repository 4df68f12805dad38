"""What may be refused about webhooks."""

from shared.refusal import Refusal


class WebhookUnknown(Refusal):
    """The organisation has no such webhook, or not any more."""

    status = 404
    sentence = "Ce webhook n'existe pas, ou plus."


class DeliveryUnknown(Refusal):
    """The webhook has no such delivery, or not any more: they are kept for thirty days."""

    status = 404
    sentence = "Cet envoi n'existe pas, ou plus : ils sont gardés trente jours."


class WebhookOwnersOnly(Refusal):
    """A webhook sends out what the organisation does: only who answers for it sets one up."""

    status = 403
    sentence = "Les webhooks se règlent par les responsables de votre structure : demandez à l'un d'eux."


class TooManyWebhooks(Refusal):
    """More than anybody can keep an eye on."""

    status = 422
    sentence = "Votre structure a déjà {most} webhooks : retirez-en un qui ne sert plus."


class AddressTaken(Refusal):
    """The same address twice would be told everything twice."""

    status = 422
    field = "url"
    sentence = "Un de vos webhooks a déjà cette adresse : choisissez-y d'autres événements."


class AddressRefused(Refusal):
    """Not an https address that everybody can reach."""

    status = 422
    field = "url"
    sentence = (
        "Écrivez une adresse https publique, sans mot de passe ni autre port que 443, "
        "par exemple https://exemple.fr/boucle."
    )


class DeliveryOnItsWay(Refusal):
    """It is being sent at this very moment."""

    status = 422
    sentence = "Cet envoi est en cours : attendez sa réponse."


class TrialWaiting(Refusal):
    """One test tells what the others would."""

    status = 422
    sentence = "Un essai attend déjà de partir."


class WebhookStopped(Refusal):
    """Nothing leaves while it stands still."""

    status = 422
    sentence = "Ce webhook est arrêté : relancez-le d'abord."


class WebhookRunning(Refusal):
    """There is nothing to set going again."""

    status = 409
    sentence = "Ce webhook est déjà en marche."


class SecretJustChanged(Refusal):
    """A third secret would end the first before the receiver knows the second."""

    status = 409
    sentence = "Le secret vient de changer : l'ancien vaut encore. Attendez qu'il s'éteigne avant d'en faire un autre."
