"""What sign-up, sign-in and a member's own page ask for."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from services.catalog.organisations.schemas import OPEN_ROLES, EstablishmentFacts
from shared.phrases.names import SUPPLIER_KINDS
from shared.web.asked import Asked

# Narrower than RFC 5321 on purpose: what passes can be written on an envelope as it is.
ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
LABEL = r"[^\W_]([\w-]*[^\W_])?"
EMAIL = re.compile(rf"{ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})+")


def _email(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Email = Annotated[str, BeforeValidator(_email), StringConstraints(max_length=254)]
Password = Annotated[str, StringConstraints(min_length=12, max_length=256)]
# One that is only compared may be as short as it was in other times.
KnownPassword = Annotated[str, StringConstraints(min_length=1, max_length=256)]
LinkSecret = Annotated[str, StringConstraints(max_length=200)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]


class Newcomer(Asked):
    """Who somebody without an account is, and their password to be."""

    person_name: PersonName
    password: Password


class Founding(EstablishmentFacts):
    """An establishment that somebody comes to act for."""

    roles: list[str] = Field(min_length=1)

    @field_validator("roles")
    @classmethod
    def _open_to_all(cls, value: list[str]) -> list[str]:
        if not set(value) <= OPEN_ROLES:
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, value: list[str]) -> list[str]:
        if not set(value) <= SUPPLIER_KINDS.keys():
            raise ValueError("Choisissez une des réponses proposées.")
        return value


class SignUp(Founding, Newcomer):
    """One person and the establishment they act for."""

    email: Email
    next: Annotated[str, StringConstraints(max_length=2000)] = "/dashboard"

    @field_validator("email")
    @classmethod
    def _looks_like_an_address(cls, value: str) -> str:
        return checked_email(value)


class Profile(Asked):
    """What a person may change about themselves."""

    person_name: PersonName
    language: Literal["fr", "en"]


class WithEmail(Asked):
    """An address."""

    email: Email

    @field_validator("email")
    @classmethod
    def _looks_like_an_address(cls, value: str) -> str:
        return checked_email(value)


class SignIn(WithEmail):
    """An address and a password."""

    password: KnownPassword
    next: Annotated[str, StringConstraints(max_length=2000)] = "/dashboard"


class LinkWanted(WithEmail):
    """An address to send a link to."""


class NewEmail(WithEmail):
    """The address that a person wants instead, and their password."""

    password: KnownPassword


class CodeSent(Asked):
    """A code of an app, or a recovery code."""

    code: Annotated[str, StringConstraints(min_length=6, max_length=40)]


class KeySent(Asked):
    """What the browser says of a passkey, as JSON."""

    credential: Annotated[str, StringConstraints(min_length=2, max_length=20_000)]


class Proof(Asked):
    """Who it is, once more: the password, and a code where the account asks for one."""

    password: KnownPassword
    code: Annotated[str, StringConstraints(max_length=40)] = ""


class LinkUse(Asked):
    """The secret of a link that is used."""

    key: LinkSecret = ""


class NewPassword(LinkUse):
    """The same, with the password to set."""

    password: Password


def checked_email(value: str) -> str:
    """The address, or a `ValueError` in words."""
    if not EMAIL.fullmatch(value):
        raise ValueError("Cette adresse n'est pas complète : elle s'écrit nom@domaine.fr.")
    return value
