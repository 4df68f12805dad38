"""What catalog publishes about suppliers' answers to needs."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event


class Answered(StrEnum):
    """What a supplier says to a need; `withdrawn` takes back whatever it said before."""

    INTERESTED = "interested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Declined(StrEnum):
    """Why a supplier declined."""

    TOO_FAR = "too_far"
    OTHER_TRADE = "other_trade"
    QUANTITY = "quantity"
    SERVICE_TYPE = "service_type"
    LEVEL = "level"
    NO_TIME = "no_time"
    PRICE = "price"
    OTHER = "other"


class AnswerGiven(Event, type="catalog.answer.given.v1", aggregate="answer_id"):
    """A supplier answered a need, or answered anew; `organisation_id` is whose need it is, and who hears of it.

    `before` is what the supplier had said until then. What it wrote beside its answer, and who wrote it, is not told.
    """

    answer_id: UUID
    need_id: UUID
    organisation_id: UUID
    title: str
    supplier_id: UUID
    supplier_name: str
    answer: Answered
    before: Answered | None = None
    reason: Declined | None = None
    at: datetime
