"""What may be refused about collections."""

from shared.refusal import Refusal


class CalendarUnknown(Refusal):
    """No such calendar, or one that was replaced by another."""

    status = 404
    sentence = "Ce calendrier n'existe pas, ou plus : reprenez son adresse dans « Mes enlèvements »."


class NothingThatDay(Refusal):
    """Nobody drives for nothing."""

    sentence = "Aucun enlèvement à faire ce jour-là : choisissez-en un autre dans « Mes enlèvements »."


class NotYourLot(Refusal):
    """No such code, or one of a lot and a part that are others'."""

    status = 404
    sentence = "Ce code n'est pas celui d'un de vos enlèvements."
