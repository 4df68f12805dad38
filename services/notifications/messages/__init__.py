"""What each topic says, in French and English, on every channel."""

from services.notifications.messages.message import Message, message_of

__all__ = ["Message", "message_of"]
