"""One service's database: engine with every timeout set, sessions, identifiers, migrations."""

from shared.database.base import Base, new_id
from shared.database.session import Database, after_commit, now_of

__all__ = ["Base", "Database", "after_commit", "new_id", "now_of"]
