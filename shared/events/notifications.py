"""What notifications tells: that somebody was told something."""

from uuid import UUID

from shared.events.event import Event, Facts


class NotificationCreated(
    Event, type="notifications.notification.created.v1", aggregate="notification_id", lasts=False
):
    """A notice lies in an organisation's (or one member's) inbox."""

    notification_id: UUID
    organisation_id: UUID
    member_id: UUID | None
    topic: str
    about: UUID | None


class DeliveryFailed(Event, type="notifications.delivery.failed.v1", aggregate="delivery_id", lasts=False):
    """A message could not be handed over and will not be tried again."""

    delivery_id: UUID
    organisation_id: UUID
    channel: str
    reason: str


class NoticeTold(Facts):
    """One notice of a letter, by what it is told once for: a solicitation, a demand."""

    told_for: UUID
    topic: str


class LetterSent(Event, type="notifications.letter.sent.v1", aggregate="delivery_id", lasts=False):
    """A letter to one member left. Whoever goes back to a backup knows by it what is not to be written again."""

    delivery_id: UUID
    member_id: UUID
    organisation_id: UUID
    channel: str
    told: tuple[NoticeTold, ...]
