"""What may be refused about the link in a letter; each has its page, which says how to go on."""

from shared.refusal import Refusal


class LinkUnknown(Refusal):
    """No such link, or not its secret: never said which."""

    status = 404
    sentence = "Ce lien n'est pas complet. Ouvrez-le depuis la lettre, ou copiez-le en entier."


class LinkUsed(Refusal):
    """It was used, or what came after it has made it void."""

    status = 410
    sentence = "Ce lien a déjà servi : un lien ne sert qu'une fois."


class LinkExpired(Refusal):
    """Its time is over."""

    status = 410
    sentence = "Ce lien n'est plus valable : trop de temps a passé depuis la lettre."


class LinkOfAnotherBrowser(Refusal):
    """It opens something only in the browser that asked for it."""

    status = 403
    sentence = "Ce lien s'ouvre dans le navigateur où vous l'avez demandé, et pas dans celui-ci."


class TooManyLinks(Refusal):
    """Too many letters in a short time for this address."""

    status = 429
    field = "email"
    sentence = "Plusieurs lettres sont déjà parties à cette adresse. Attendez un quart d'heure pour en redemander."
