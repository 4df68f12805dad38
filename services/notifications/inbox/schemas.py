"""The inbox as JSON."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.notifications.inbox.queries import Lying
from services.notifications.messages import Message, message_of
from shared.web.urls import in_language


class NoticeOut(BaseModel):
    """One notice in the reader's language."""

    id: UUID
    topic: str
    created_at: datetime
    is_read: bool
    title: str
    text: str
    why: str = Field(description="Why the reader gets it.")
    action: str = Field(description="The words of its one action.")
    url: str
    reasons: tuple[tuple[str, str], ...] = Field(description="Why it matches, strongest first: icon and sentence.")
    history_url: str | None = Field(None, description="Where the whole of why one was asked is told.")


class NoticesOut(BaseModel):
    """A page of notices; `next` is the cursor of the following one."""

    items: list[NoticeOut]
    next: str | None


class UnreadOut(BaseModel):
    """How much is unread."""

    unread: int


def notice_out(lying: Lying, language: str) -> NoticeOut:
    """A notice in words."""
    message: Message = message_of(lying.topic, lying.params, language)
    return NoticeOut(
        id=lying.id,
        topic=lying.topic,
        created_at=lying.created_at,
        is_read=lying.is_read,
        title=message.title,
        text=message.text,
        why=message.why,
        action=message.action,
        url=in_language(message.path, language),
        reasons=message.reasons,
        history_url=in_language(message.history, language) if message.history else None,
    )
