"""What an establishment is asked at sign-up and by import."""

from typing import Annotated

from pydantic import StringConstraints

from shared.web.asked import Asked

# Territory and partner are given by the territory, never taken.
OPEN_ROLES = frozenset({"buyer", "ess", "publisher"})
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class EstablishmentFacts(Asked):
    """An establishment as its member describes it; `place` is resolved by `shared.territory`."""

    siret: Annotated[str, StringConstraints(max_length=40)]
    organisation_name: Name
    place: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    kinds: list[str] = []
    roles: list[str] = []
