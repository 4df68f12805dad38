"""The base of every model that reads what somebody typed or sent: nothing unknown, nothing that cannot be stored."""

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError


class Asked(BaseModel):
    """A form or a JSON body; PostgreSQL's text has no NUL character, so neither has ours."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_stored(cls, value: object) -> object:
        if _holds_nul(value):
            raise PydanticCustomError("nul_character", "No text may hold a NUL character.")
        return value


class Row(Asked):
    """One row of a form in which inputs of the same names repeat: a field `list[...]` of these reads them all."""


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    return isinstance(value, list | tuple) and any(_holds_nul(each) for each in value)
