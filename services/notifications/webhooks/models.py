"""Where an organisation wants to be told, with which secrets, and what became of each message."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.db import Base
from services.notifications.webhooks import schedule
from services.notifications.webhooks.errors import DeliveryOnItsWay, WebhookRunning, WebhookStopped

# A failure of a night is mended in the morning; then its owners hear of it, and have two days.
WARN_AFTER = timedelta(hours=24)
# Nobody is stopped without that much notice.
NOTICE = timedelta(hours=12)


class State(StrEnum):
    """Paused by its owners: what comes waits. Stopped by us: nothing more is kept until they set it going again."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class Because(StrEnum):
    """Why we stopped it: the receiver said that it is gone for good (410), or took nothing for three days."""

    GONE = "gone"
    UNREACHABLE = "unreachable"


class Word(StrEnum):
    """What its owners are to be told of it."""

    FAILING = "failing"
    STOPPED = "stopped"


class Progress(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"


class Webhook(Base):
    """One address of one organisation, and the types of events it is told.

    `failing_since` is when it last began to take nothing; `resting_until` when it may be asked again.
    """

    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str]
    because: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    resting_until: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("organisation_id", "url"),)

    def change(self, *, url: str, events: list[str]) -> None:
        """Lead elsewhere, or be told other things; another address begins anew."""
        if url != self.url:
            self._forget_failures()
        self.url, self.events = url, events
        self.version += 1

    def pause(self) -> None:
        """Let nothing leave for now; raises `WebhookStopped` when it stands still already."""
        if self.state != State.ACTIVE:
            raise WebhookStopped
        self.state = State.PAUSED
        self.version += 1

    def resume(self) -> None:
        """Set it going again; raises `WebhookRunning`."""
        if self.state == State.ACTIVE:
            raise WebhookRunning
        self.state, self.because = State.ACTIVE, None
        self._forget_failures()
        self.version += 1

    def failed(self, since: datetime, *, now: datetime, rest: timedelta | None) -> Word | None:
        """It did not take one that left at `since`; a word to its owners when that has lasted."""
        self.failing_since = self.failing_since or since
        if rest:
            self.resting_until = now + rest
        if self.warned_at is None and now - self.failing_since >= WARN_AFTER:
            self.warned_at = now
            return Word.FAILING
        return None

    def gone(self) -> Word | None:
        """The receiver said that nothing shall be sent there any more."""
        return self._stop(Because.GONE)

    def given_up(self, since: datetime, *, now: datetime) -> Word | None:
        """A message came to the end of its schedule, `since` when it was first tried.

        Stopped only when nothing else was taken meanwhile, and its owners had time to mend it: a single message that a
        receiver cannot digest stops nobody.
        """
        if self.failing_since is None or self.failing_since > since:
            return None
        if self.warned_at is None:
            self.warned_at = now
            return Word.FAILING
        return self._stop(Because.UNREACHABLE) if now - self.warned_at >= NOTICE else None

    def _stop(self, because: Because) -> Word | None:
        if self.state == State.STOPPED:
            return None
        self.state, self.because = State.STOPPED, because
        self.version += 1
        return Word.STOPPED

    def _forget_failures(self) -> None:
        self.failing_since = self.warned_at = self.resting_until = None


class WebhookSecret(Base):
    """What messages are signed with: the newest, and for a while the one before it. Pages write it and cannot read it.

    It lies here as it is, because it must be computed with.
    """

    __tablename__ = "webhook_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[UUID]
    secret: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    """One event to one webhook, with the text that is signed; the same event never becomes a second one.

    `next_at` is when it is due: while claimed, the end of the claim, after which a dead sender's work is taken over.
    `status`, `answer`, `error` and `duration_ms` are the last attempt's.
    """

    __tablename__ = "webhook_deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    organisation_id: Mapped[UUID]
    event_id: Mapped[UUID]
    type: Mapped[str]
    payload: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=Progress.PENDING)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    tried_first_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]
    answer: Mapped[str | None]
    error: Mapped[str | None]
    duration_ms: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index(
            "ix_webhook_deliveries_due", "webhook_id", "next_at",
            postgresql_where=text("state IN ('pending', 'claimed')"),
        ),
        Index(None, "webhook_id", "id"),
        Index(None, "created_at"),
    )  # fmt: skip

    def send_again(self, *, now: datetime) -> None:
        """Begin the schedule anew, with the same id and the same text; raises `DeliveryOnItsWay`."""
        if self.state == Progress.CLAIMED and self.next_at > now:
            raise DeliveryOnItsWay
        self.state, self.attempts, self.next_at, self.tried_first_at = Progress.PENDING, 0, now, None

    def taken(self) -> None:
        """The receiver has it."""
        self.state = Progress.SENT

    def refused(self, *, now: datetime, asked: timedelta | None) -> bool:
        """Not taken: again later, or (True) never again by itself."""
        if schedule.is_over(self.attempts):
            self.state = Progress.FAILED
            return True
        self.state = Progress.PENDING
        self.next_at = now + schedule.delay_after(self.attempts, asked=asked)
        return False

    def drop(self) -> None:
        """Not taken, and not to be tried again by itself."""
        self.state = Progress.FAILED
