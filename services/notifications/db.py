"""The base of notifications' tables."""

from shared.database import base


class Base(base.Base):
    """Every table of notifications."""

    __abstract__ = True

    metadata = base.metadata()
