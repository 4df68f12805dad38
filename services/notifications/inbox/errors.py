"""What the inbox refuses."""

from shared.web.errors import NotYours


class NoticeUnknown(NotYours):
    """The notice does not exist for this member."""
