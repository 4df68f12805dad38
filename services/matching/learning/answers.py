"""What is read as feedback: an answer's worth, and what a reason for declining teaches."""

from collections.abc import Mapping
from enum import StrEnum

from shared.events.answers import Declined
from shared.events.reasons import Feature


class Answer(StrEnum):
    """What a supplier that was asked did at best, or that it declined; whoever said nothing has no answer.

    What was `withdrawn` is kept, and read as nothing said.
    """

    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    INTERESTED = "interested"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"


GAINS: Mapping[Answer, int] = {Answer.DECLINED: 0, Answer.INTERESTED: 1, Answer.PROPOSED: 2, Answer.ACCEPTED: 3}
"""Interested +, proposal ++, accepted +++; as grades they count as those of the judged set do."""


TEACHES: Mapping[Declined, frozenset[Feature]] = {
    Declined.TOO_FAR: frozenset({Feature.DISTANCE}),
    Declined.OTHER_TRADE: frozenset({Feature.CATEGORY, Feature.CODE, Feature.TEXT}),
    Declined.QUANTITY: frozenset({Feature.QUANTITY}),
    Declined.SERVICE_TYPE: frozenset({Feature.SERVICE_TYPE}),
    Declined.LEVEL: frozenset({Feature.LEVEL}),
    Declined.NO_TIME: frozenset(),
    Declined.PRICE: frozenset(),
}
"""The features that a reason speaks of; all of them for any other reason and for none. A full diary and a price say
nothing about whether both fit."""


def taught(reason: str | None) -> frozenset[Feature]:
    """The features about which a declined ask says something."""
    known = Declined(reason) if reason in set(Declined) else Declined.OTHER
    return TEACHES.get(known, frozenset(Feature))
