"""What a coordinator notes of a contact."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from services.catalog.consents.models import Means
from services.catalog.followups.models import Result
from shared.web.asked import Asked

PHONE = re.compile(r"\+?[0-9]{6,15}")


def _phone(text: str) -> str:
    """Digits in pairs as people read them; raises `ValueError` for what is no number."""
    plain = re.sub(r"[\s.\-()/]", "", text)
    if not plain:
        return ""
    if not PHONE.fullmatch(plain):
        raise ValueError("Un numéro de téléphone, par exemple 05 61 00 00 00.")
    if plain.startswith("0") and len(plain) == 10:
        return " ".join(plain[at : at + 2] for at in range(0, 10, 2))
    return plain


Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30), AfterValidator(_phone)]


class Contacted(Asked):
    """A call that was made, or another contact."""

    means: Means = Means.PHONE
    result: Result
    words: Words = ""
    phone: Phone = ""
    call_back_on: date | None = None
    about: UUID | None = None
