"""The values that events carry: quantities, windows, who a supplier is."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.events.event import Facts
from shared.territory.place import Place


class NeedKind(StrEnum):
    """What an organisation seeks."""

    PROCUREMENT = "procurement"
    CSR = "csr"
    PATRONAGE = "patronage"
    SUPPORT = "support"
    MATERIAL = "material"


class Period(StrEnum):
    """How often a quantity comes back."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class LegalStatus(StrEnum):
    """What a flow is in law; only `waste` needs a waste code and permits."""

    PRODUCT = "product"
    BY_PRODUCT = "by_product"
    SITE_MATERIAL = "site_material"
    WASTE = "waste"
    END_OF_WASTE = "end_of_waste"


class Level(StrEnum):
    """What a taker does with a material, best first (the waste hierarchy); of food, `reuse` is that people eat it."""

    REUSE = "reuse"
    PREPARATION = "preparation"
    ANIMALS = "animals"
    RECYCLING = "recycling"
    RECOVERY = "recovery"


class Origin(StrEnum):
    """How a record came to be; everything but `member` is marked on the page."""

    MEMBER = "member"
    IMPORT = "import"
    DEMONSTRATION = "demonstration"
    SYNTHETIC = "synthetic"


def plain(value: Decimal) -> Decimal:
    """80.000 as 80: what was stored with three decimals reads as what was said."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


class Quantity(Facts):
    """An amount with its unit (a unit of `shared.vocabulary`), once or per period."""

    value: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=3), AfterValidator(plain)]
    unit: str
    period: Period = Period.ONCE


class Window(Facts):
    """A span of days, both ends included; `None` is open."""

    starts_on: date | None = None
    ends_on: date | None = None


class Permit(Facts):
    """A permit an organisation declares: its code, and the day it expires."""

    code: str
    expires_on: date | None = None


class SocialClause(Facts):
    """What a buyer asks for people far from employment: its legal ground, hours and publics, all to be checked.

    `ground` is a code of `shared.phrases.names.CLAUSE_GROUNDS`, `publics` of `CLAUSE_PUBLICS`; `hours` are the target.
    """

    ground: str
    hours: int | None = None
    publics: tuple[str, ...] = ()
    facilitator: str | None = None


class Author(Facts):
    """Who posted a demand, as far as readers may know."""

    organisation_id: UUID
    legal_entity_id: UUID
    name: str
    hidden: bool = False


class Supplier(Facts):
    """Who stands behind an offer.

    `kinds` holds the legal form and the inclusion or adapted-work kinds (`association`, `scop`, `ACI`, `ESAT` ...).
    `weekly_asks` is how many solicitations a week it accepts (five where it never said), `asks_resume_on` the day
    before which it wants none.
    """

    organisation_id: UUID
    legal_entity_id: UUID
    name: str
    kinds: tuple[str, ...] = ()
    place: Place
    may_issue_receipts: bool = False
    verified: bool = False
    registered_on: date | None = None
    weekly_asks: int | None = None
    asks_resume_on: date | None = None
