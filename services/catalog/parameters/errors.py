"""What may be refused about parameters."""

from shared.refusal import Refusal


class ParameterUnknown(Refusal):
    """No such parameter."""

    status = 404
    sentence = "Ce paramètre n'existe pas."


class ParameterUnset(Refusal):
    """Nobody said a value for that day: better no answer than a made-up figure."""

    status = 500
    sentence = "Le paramètre {code} n'a pas de valeur au {on} : un coordinateur doit la donner."


class ValueTooLarge(Refusal):
    """More than its unit can mean."""

    status = 422
    field = "value"
    sentence = "Un nombre d'au plus {most}."


class ValueNotWhole(Refusal):
    """Days, months and suppliers are counted."""

    status = 422
    field = "value"
    sentence = "Un nombre entier, sans virgule."


class DayTooFar(Refusal):
    """A date that is likely a slip of the finger."""

    status = 422
    field = "valid_from"
    sentence = "Une date entre le {first} et le {last}."


class SourceOfTomorrow(Refusal):
    """Nobody has read what is to come."""

    status = 422
    field = "source_on"
    sentence = "Le jour où vous l'avez lu : aujourd'hui au plus tard, depuis {first} au plus tôt."


class NothingNew(Refusal):
    """The same value from the same day on, from the same source."""

    status = 422
    field = "value"
    sentence = "Cette valeur est déjà celle de ce jour-là, avec cette source."
