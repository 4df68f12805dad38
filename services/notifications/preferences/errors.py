"""What preferences refuse."""

from shared.refusal import Refusal
from shared.web.errors import NotYours


class TopicUnknown(Refusal):
    """Nobody is told anything by that name."""

    status = 422
    sentence = "Aucun sujet ne s'appelle « {topic} »."
    field = "topic"


class CannotBeSwitchedOff(Refusal):
    """What is about the account itself comes, and at once."""

    status = 422
    sentence = "Ce qui touche à la sécurité du compte ne se coupe pas et n'attend pas."
    field = "topic"


class RhythmNotOffered(Refusal):
    """A channel that does not carry the topic, or not in that rhythm."""

    status = 422
    sentence = "Ce rythme n'existe pas pour ce sujet ici."
    field = "rhythm"


class HoursTurned(Refusal):
    """Letters may come until before they may come."""

    status = 422
    sentence = "La fin vient après le début."
    field = "closes"


class LetterUnknown(NotYours):
    """No such letter, not its key, or so long ago that it is no letter of today: never said which."""
