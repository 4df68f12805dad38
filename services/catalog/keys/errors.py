"""What may be refused about keys."""

from shared.refusal import Refusal


class KeyUnknown(Refusal):
    """The organisation has no such key, or not any more."""

    status = 404
    sentence = "Cette clé est déjà révoquée."


class TooManyKeys(Refusal):
    """More than anybody can keep an eye on."""

    sentence = "Votre structure a déjà {most} clés : révoquez-en une qui ne sert plus."


class KeyNeeded(Refusal):
    """A token is for programs: a browser has its own already."""

    status = 401
    sentence = "Montrez une clé d'API dans l'en-tête Authorization."


class OwnersOnly(Refusal):
    """A key acts for the organisation: only who answers for it makes one."""

    status = 403
    sentence = "Les clés se gèrent par les responsables de votre structure : demandez à l'un d'eux."
