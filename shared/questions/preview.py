"""Who could answer this draft? Asked while a need or a flow is written: who fits, who is asked when, what keeps out."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.events.event import Facts
from shared.events.facts import LegalStatus, NeedKind, Quantity, Window
from shared.events.levels import FewLevels, TellsLevels
from shared.events.reasons import Constraint, Gap, Reason
from shared.questions.question import Question
from shared.territory.place import Place

Code = Annotated[str, StringConstraints(max_length=80)]
Codes = Annotated[tuple[Code, ...], Field(max_length=50)]
Most = Annotated[int, Field(ge=1, le=50)]


class Likely(Facts):
    """One supplier that fits; `wave` is when it would be asked, None for one who waits for later than the plan shows.

    Without names asked for there are no ids either: they lead to the name.
    """

    rank: int
    score: int
    reasons: tuple[Reason, ...]
    place_name: str
    kinds: tuple[str, ...] = ()
    wave: int | None = None
    asked_at: datetime | None = None
    supplier_name: str | None = None
    offer_id: UUID | None = None
    organisation_id: UUID | None = None


class PlannedWave(Facts):
    """Whom the calendar lets be asked when; `waiting` are over their weekly budget and asked later."""

    number: int
    due_at: datetime
    suppliers: int
    waiting: int = 0


class Missing(Facts):
    """One supplier that a single condition keeps out."""

    score: int
    gap: Gap
    supplier_name: str | None = None
    offer_id: UUID | None = None


class Widening(Facts):
    """One condition made wider, and how many suppliers more would fit, judged again.

    Of a radius, `radius_km` is the new one; of dates, `window`; of a minimum, `minimum`; of permits, `permits` are
    those still wanted. What is None there is no limit any more. Other conditions are dropped.
    """

    constraint: Constraint
    more: int
    radius_km: int | None = None
    window: Window | None = None
    minimum: Quantity | None = None
    permits: tuple[str, ...] = ()


class NearMisses(Facts):
    """One condition: how many good suppliers it alone keeps out, the nearest of them, and what widening it brings."""

    constraint: Constraint
    suppliers: int
    nearest: tuple[Missing, ...] = ()
    widenings: tuple[Widening, ...] = ()


class InclusivePotential(Facts):
    """How many of those who fit are inclusion enterprises, adapted workshops, near by; to be checked, never advice.

    `lever` is the strongest one that the number of inclusive suppliers allows (none, a social clause, a reserved lot, a
    reserved contract); `*_enough` says whether at least three would be left if only these could answer. `local` are
    those of the same EPCI, None where they must not be preferred (a public tender) or cannot be told.
    """

    lever: Literal["none", "social_clause", "reserved_lot", "reserved"]
    inclusive: int
    inclusion: int
    adapted: int
    inclusion_enough: bool
    adapted_enough: bool
    local: int | None = None


class Preview(Facts):
    """What would happen if the draft were published now, as typed data.

    `total` counts organisations; with `complete` false there may be more, because the work was cut short. `apart` are
    those who do this and whom two conditions or more keep out, counted when nobody fits.
    """

    total: int
    complete: bool
    weights: str
    suppliers: tuple[Likely, ...]
    pace: Literal["paced", "everyone", "urgent"]
    waves: tuple[PlannedWave, ...]
    enough_interested: int
    near_misses: tuple[NearMisses, ...]
    potential: InclusivePotential
    apart: int = 0


class PreviewAsked(TellsLevels, Question, subject="rpc.matching.preview.v1", answer=Preview):
    """Who could answer this draft? As far as it is filled in; nothing of it is kept.

    `of` says which of the two it is, `kind` the kind of need. The author is told by ids alone. `names` are given to a
    signed-in member only.
    """

    of: Literal["need", "flow"]
    kind: NeedKind = NeedKind.PROCUREMENT
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    categories: Codes = ()
    ewc: Codes = ()
    cpv: Codes = ()
    place: Place
    radius_km: Annotated[int, Field(ge=1, le=1000)] | None = None
    quantity: Quantity | None = None
    minimum: Quantity | None = None
    window: Window = Window()
    deadline_on: date | None = None
    service_type: Code | None = None
    supplier_kinds: Codes = ()
    permits: Codes = ()
    receipt_wanted: bool = False
    public_tender: bool = False
    legal_status: LegalStatus | None = None
    levels: FewLevels = ()
    organisation_id: UUID
    legal_entity_id: UUID
    names: bool = False
    most: Most = 5
