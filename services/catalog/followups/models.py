"""One contact with an organisation; never changed, a later one says what came next."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.consents.models import Means
from services.catalog.db import Base, coded
from services.catalog.followups.errors import CallBackMissing, CallBackOutOfReach
from shared.database import new_id

A_YEAR = timedelta(days=366)


class Result(StrEnum):
    """What came of it."""

    REACHED = "reached"
    MESSAGE_LEFT = "message_left"
    NO_ANSWER = "no_answer"
    WILL_ACT = "will_act"
    NOTHING_TO_EXPECT = "nothing_to_expect"


# After these, somebody has to try again.
OPEN_ENDED = frozenset({Result.MESSAGE_LEFT, Result.NO_ANSWER})


class FollowUp(Base):
    """A line of the call log; `about` is the need or flow that it was about, nothing for the organisation itself."""

    __tablename__ = "follow_ups"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    about: Mapped[UUID | None]
    means: Mapped[Means] = coded(Means)
    result: Mapped[Result] = coded(Result)
    words: Mapped[str] = mapped_column(Text, default="")
    # The organisation's own number, for the next call.
    phone: Mapped[str] = mapped_column(String(30), default="")
    call_back_on: Mapped[date | None]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    noted_at: Mapped[datetime]


def check_call_back(result: Result, call_back_on: date | None, today: date) -> None:
    """Raise when the day to call again is missing, over, or too far to mean it."""
    if call_back_on is None:
        if result in OPEN_ENDED:
            raise CallBackMissing
        return
    if not today <= call_back_on <= today + A_YEAR:
        raise CallBackOutOfReach
