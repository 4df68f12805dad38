"""How a member is reached: personal data, on a stream of its own that keeps the last value only."""

from uuid import UUID

from shared.events.event import Event


class MemberContact(Event, type="contacts.member.reached.v1", aggregate="member_id"):
    """A member's name and address, or a tombstone (`email` empty) that erases them.

    `email_asked` is the address that they want instead, until they have answered a letter there. `is_erased` when the
    person is, and not only their place in an organisation: whatever else is kept about them goes too.
    """

    member_id: UUID
    organisation_id: UUID
    email: str | None
    name: str | None
    language: str = "fr"
    email_asked: str | None = None
    is_erased: bool = False

    @property
    def subject(self) -> str:
        """One subject a member, without the verb: the stream keeps one message for each."""
        return f"contacts.member.{self.member_id}"
