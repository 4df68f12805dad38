"""What each topic says, in French and English, on every channel."""

from services.notifications.messages.message import Line, Message, message_of

__all__ = ["Line", "Message", "message_of"]
