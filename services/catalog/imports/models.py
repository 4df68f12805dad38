"""What an import remembers of the rows it took, so that the same row changes nothing the second time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.catalog.db import Base


class ImportedRow(Base):
    """The digest of the row that a record was last taken from."""

    __tablename__ = "imported_rows"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    imported_at: Mapped[datetime]
