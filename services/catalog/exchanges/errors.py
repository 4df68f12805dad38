"""What may be refused about an exchange and its messages."""

from shared.refusal import Refusal


class ExchangeUnknown(Refusal):
    """No such exchange, or one that this organisation is on neither side of."""

    status = 404
    sentence = "Cet échange n'existe pas, ou plus."


class ExchangeOver(Refusal):
    """It ended too long ago to be written in."""

    field = "words"
    sentence = "Cet échange est terminé depuis plus de {days} jours : on n'y écrit plus."


class TooManyMessages(Refusal):
    """This organisation wrote as much as it may within an hour."""

    status = 429
    field = "words"
    sentence = "Votre structure a envoyé {count} messages en une heure. Attendez un peu, puis envoyez celui-ci."


class MessageNamesAuthor(Refusal):
    """The need hides its author's name, and the message or a file's name says it."""

    status = 422
    field = "words"
    sentence = "Votre message contient le nom de votre structure, que ce besoin cache. Retirez-le, puis envoyez."


class FileNamesAuthor(Refusal):
    """The same of a file's name."""

    status = 422
    field = "file"
    sentence = "Le nom d'un fichier contient le nom de votre structure, que ce besoin cache. Renommez-le, puis envoyez."


class ConfirmBeforeWriting(Refusal):
    """The reply could not be told to an address that has not answered its own letter."""

    status = 403
    sentence = (
        "Confirmez d'abord votre adresse e-mail : ouvrez la lettre qui vous attend, appuyez sur son bouton, "
        "puis écrivez."
    )
