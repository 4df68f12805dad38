"""What an agreement says, frozen: whatever its parties become, what they signed stays as it was."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.catalog.agreements.natures import Side
from services.catalog.proposals.lines import Line, total_of
from shared.events.agreements import Nature


class Focus(StrEnum):
    """What a partnership is about."""

    SKILLS = "skills"
    CSR = "csr"


class Frozen(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True)


class Party(Frozen):
    """One who takes part, as it was called and numbered then; `entity_name` is the legal person's."""

    organisation_id: UUID
    name: str
    entity_name: str
    siren: str | None
    siret: str | None
    address: str


class Milestone(Frozen):
    """One step on the way, by when, and what it makes due: of the total, before tax."""

    label: str
    due_on: date | None = None
    cents: int | None = None


class Content(Frozen):
    """All that an agreement says; `given_by` only where something is handed over. Prices are signed, before tax."""

    title: str
    nature: Nature
    focus: Focus | None = None
    given_by: Side | None = None
    buyer: Party
    supplier: Party
    co_contractors: tuple[Party, ...] = ()
    lines: tuple[Line, ...]
    starts_on: date | None = None
    ends_on: date | None = None
    place: str = ""
    purchase_order: str = ""
    provenance: str = ""
    terms: str = ""
    milestones: tuple[Milestone, ...] = ()

    @property
    def total_cents(self) -> int:
        """What the lines come to."""
        return total_of(self.lines)

    def party(self, side: Side) -> Party:
        """Who stands on a side."""
        return self.buyer if side is Side.BUYER else self.supplier
