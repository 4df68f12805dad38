"""What-if, as an address says it: `most=3&without=<offer>&capacity=<offer>:2.5:t`, and as a page's form sends it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationError

from services.matching.allocation.market import WhatIf
from shared.vocabulary import UnitUnknown, normalise
from shared.web.asked import Asked

MOST_TAKERS = 20
# The form names each field of a capacity so, with its offer and its unit behind.
FIELD = "capacity:"
MOST_CAPACITY = Decimal(10) ** 9
SENTENCES = {
    "number": "Écrivez un nombre, par exemple 2,5.",
    "most": "Écrivez un nombre entier, de 1 à 20.",
}

Capacity = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}:\d{1,12}(\.\d{1,3})?:[a-z0-9_]{1,12}$")]


class Tried(Asked):
    """At most so many takers, offers left out, and capacities a month as `offer:amount:unit`."""

    most: Annotated[int, Field(ge=1, le=MOST_TAKERS)] | None = None
    without: Annotated[list[UUID], Field(max_length=100)] = []
    capacity: Annotated[list[Capacity], Field(max_length=100)] = []

    @property
    def is_anything(self) -> bool:
        """True when something is tried at all."""
        return bool(self.most or self.without or self.capacity)

    @property
    def query(self) -> str:
        """The shortest address that says this."""
        asked = [("most", str(self.most))] if self.most else []
        asked += [("without", str(each)) for each in self.without] + [("capacity", each) for each in self.capacity]
        return urlencode(asked)

    def what_if(self) -> WhatIf:
        """The same for a market; a capacity in an unknown unit is none."""
        capacities = dict(_capacities(self.capacity))
        return WhatIf(frozenset(self.without), capacities, self.most)


class Asking(NamedTuple):
    """An address read: what it tries, what is wrong by field (keys of `SENTENCES`), what was typed.

    `is_long` when a shorter address says the same.
    """

    tried: Tried
    errors: dict[str, str]
    typed: dict[str, str]
    is_long: bool


def asked_in(query: Sequence[tuple[str, str]]) -> Asking:
    """What an address asks to try; what is wrong is left out, and said."""
    errors: dict[str, str] = {}
    capacities = [value for name, value in query if name == "capacity"]
    for name, value in query:
        if name.startswith(FIELD) and value.strip():
            number = _number(value)
            if number is None:
                errors[name] = "number"
            else:
                offer, _, unit = name.removeprefix(FIELD).partition(":")
                capacities.append(f"{offer}:{number:f}:{unit}")
    most = next((value.strip() for name, value in query if name == "most"), "")
    without = [value for name, value in query if name == "without"]
    typed = {name: value for name, value in query if name.startswith(FIELD) or name == "most"}
    tried = _tried(errors, most=most, without=without, capacity=capacities)
    is_long = any(name.startswith(FIELD) or not value.strip() for name, value in query)
    return Asking(tried, errors, typed, is_long and not errors)


def _tried(errors: dict[str, str], **asked: object) -> Tried:
    """What of it can be read; a wrong part is said in `errors` and tried without."""
    try:
        return Tried.model_validate({name: value for name, value in asked.items() if value not in ("", [])})
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        if "most" in wrong:
            errors["most"] = "most"
        return _tried(errors, **{name: value for name, value in asked.items() if name not in wrong})


def _number(text: str) -> Decimal | None:
    plain = text.strip().replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".")
    try:
        number = Decimal(plain).quantize(Decimal("0.001"))
    except InvalidOperation:
        return None
    return number.normalize() + 0 if number.is_finite() and 0 <= number <= MOST_CAPACITY else None


def _capacities(written: Sequence[str]) -> Mapping[tuple[UUID, str], float]:
    found: dict[tuple[UUID, str], float] = {}
    for each in written:
        offer, amount, unit = each.split(":")
        try:
            value, base = normalise(Decimal(amount), unit)
            found[UUID(offer), base] = float(value)
        except (UnitUnknown, ValueError):
            continue
    return found
