"""What an event is, and the registry of all of them."""

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

TYPE_PATTERN = re.compile(r"(catalog|matching|notifications|contacts)\.[a-z_]+\.[a-z_]+\.v[1-9]\d*")

_registry: dict[str, type["Event"]] = {}


class Facts(BaseModel):
    """A value that travels inside events: frozen, and deaf to fields it does not know yet."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def known(cls, **values: Any) -> Self:
        """One of our own values, all of them given and not looked at again: a sixth of the time of a checked one."""
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", values)
        object.__setattr__(made, "__pydantic_fields_set__", values.keys() | ())
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made


class Event(Facts):
    """One fact in the past tense, carrying the state a reader needs.

    `type` is `<service>.<aggregate>.<past verb>.v<major>`; `aggregate` names the field that holds the aggregate's id;
    `version` grows by one with each event of an aggregate, and a reader ignores what is older than what it has.
    """

    type: ClassVar[str]
    aggregate: ClassVar[str]
    # False where an event leaves standing what was told before it: a pause, an end.
    whole: ClassVar[bool] = True
    # False where nobody needs it once every reader has it: an end, a moment. What lasts is kept, to be rebuilt from.
    lasts: ClassVar[bool] = True

    version: int

    def __init_subclass__(
        cls,
        *,
        type: str | None = None,
        aggregate: str | None = None,
        whole: bool = True,
        lasts: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.whole, cls.lasts = whole, lasts
        if aggregate is not None:
            cls.aggregate = aggregate
        if type is None:
            return
        if not TYPE_PATTERN.fullmatch(type):
            raise ValueError(f"not an event type: {type}")
        if type in _registry:
            raise ValueError(f"event type declared twice: {type}")
        cls.type = type
        _registry[type] = cls

    @property
    def aggregate_id(self) -> UUID:
        """The id of what this event tells about."""
        named = getattr(self, self.aggregate)
        return named if isinstance(named, UUID) else UUID(str(named))

    @property
    def service(self) -> str:
        """The service that alone may publish this type."""
        return self.type.partition(".")[0]

    @property
    def subject(self) -> str:
        """The NATS subject: the type, then the aggregate's id."""
        return f"{self.type}.{self.aggregate_id}"


@lru_cache(maxsize=1)
def _declared() -> None:
    """Import every module that declares events."""
    from shared.events import (  # noqa: F401 - importing declares them
        agreements,
        answers,
        behalf,
        calls,
        campaigns,
        catalog,
        contacts,
        eligibility,
        gifts,
        impact,
        mandates,
        matching,
        messages,
        notifications,
        payments,
        proposals,
        questions,
        standing,
        subscriptions,
        takings,
    )


def registry() -> MappingProxyType[str, type[Event]]:
    """Every declared event class by its type."""
    _declared()
    return MappingProxyType(_registry)
