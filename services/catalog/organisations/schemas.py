"""What an establishment is asked at sign-up and by import."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class EstablishmentFacts(BaseModel):
    """An establishment as its member describes it; `place` is resolved by `shared.territory`."""

    model_config = ConfigDict(extra="forbid")

    siret: Annotated[str, StringConstraints(max_length=40)]
    organisation_name: Name
    place: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    kinds: list[str] = []
    roles: list[str] = []
