"""What the forms of needs, flows and offers share: text, categories, codes, quantities, places."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, field_validator

from shared.events.facts import Period
from shared.vocabulary import SURE, UnitUnknown, categories, is_waste_code, suggest, unit
from shared.web.asked import Asked

NAF_CODE = re.compile(r"\d{2}(\d(\d[A-Z]?)?)?")  # or a whole group or division: 81.2, 81


def _number(value: object) -> object:
    return value.replace(",", ".").replace("\u202f", "").replace(" ", "") if isinstance(value, str) else value


def _codes(value: object) -> object:
    """A form sends one text for the whole list, JSON a list."""
    if isinstance(value, str):
        return [part.strip() for part in value.replace(",", ";").split(";") if part.strip()]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [code for each in value for code in _codes(each)]  # type: ignore[attr-defined]
    return value


def _lines(value: object) -> object:
    if isinstance(value, str):
        return [line.strip() for line in value.replace(";", "\n").splitlines() if line.strip()]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [line for each in value for line in _lines(each)]  # type: ignore[attr-defined]
    return value


def _cpv(codes: list[str]) -> list[str]:
    plain = [each.partition("-")[0].strip() for each in codes]
    if not all(code.isdigit() and len(code) == 8 for code in plain):
        raise ValueError("Un code CPV compte huit chiffres, par exemple 55520000.")
    return plain


def _naf(codes: list[str]) -> list[str]:
    plain = [each.replace(".", "").replace(" ", "").upper() for each in codes]
    if not all(NAF_CODE.fullmatch(code) for code in plain):
        raise ValueError("Un code NAF compte quatre chiffres et une lettre, par exemple 16.24Z.")
    return plain


def web_address(text: str) -> str:
    """An address of the web, with https in front when it was left out; raises `ValueError` for anything else."""
    whole = text if "://" in text else f"https://{text}"
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or parts.username is not None:
        raise ValueError("Donnez une adresse du web, par exemple https://www.exemple.fr/annonce.")
    return whole


Amount = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, max_digits=14, decimal_places=3)]
Codes = Annotated[list[str], BeforeValidator(_codes)]
CpvCodes = Annotated[list[str], BeforeValidator(_codes), AfterValidator(_cpv)]
NafCodes = Annotated[list[str], BeforeValidator(_codes), AfterValidator(_naf)]
Lines = Annotated[list[str], BeforeValidator(_lines), Field(max_length=20)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]


class Posting(Asked):
    """The common part of a draft; everything may be missing until it is published."""

    title: Text = ""
    description: LongText = ""
    categories: list[str] = Field(default=[], max_length=20)
    ewc: Codes = []
    quantity_value: Amount | None = None
    quantity_unit: str | None = None
    quantity_period: Period | None = None
    minimum_value: Amount | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @field_validator("categories")
    @classmethod
    def _in_the_vocabulary(cls, value: list[str]) -> list[str]:
        unknown = [each for each in value if each not in categories()]
        if unknown:
            raise ValueError("Une des catégories n'existe pas. Choisissez dans la liste.")
        return value

    @field_validator("ewc")
    @classmethod
    def _waste_codes(cls, value: list[str]) -> list[str]:
        if not all(is_waste_code(each) for each in value):
            raise ValueError("Un code déchet compte six chiffres, par exemple 15 01 03.")
        return ["".join(filter(str.isdigit, each)) for each in value]

    @field_validator("quantity_unit")
    @classmethod
    def _known_unit(cls, value: str | None) -> str | None:
        try:
            return unit(value).id if value is not None else None
        except UnitUnknown as error:
            raise ValueError("Choisissez une unité de la liste.") from error

    def columns(self) -> dict[str, Any]:
        """The values for the table: the place apart, because it is resolved first; suggested categories when none."""
        values = self.model_dump(exclude={"place"})
        if not values["categories"] and (self.title or self.description):
            values["categories"] = suggested_categories(self.title, self.description)
        return values


def suggested_categories(title: str, description: str = "") -> list[str]:
    """Up to three categories a text surely speaks of, the title first; else the likeliest one."""
    found = suggest(title, limit=3) or suggest(f"{title} {description}"[:400], limit=3)
    return [each.category.id for each in found if each.score >= SURE] or [each.category.id for each in found[:1]]
