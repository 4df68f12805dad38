"""What a question is, the registry of all of them, and the reply that carries an answer or says why there is none."""

from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from shared.events.event import Facts
from shared.messaging.topology import QUESTIONS, QuestionSpec

_registry: dict[str, type["Question"]] = {}


class Question(Facts):
    """One question, with its whole context: whoever answers keeps nothing of it.

    `subject` is where it is asked; who may ask and who answers stands in the topology.
    """

    subject: ClassVar[str]
    answer: ClassVar[type[Facts]]

    def __init_subclass__(cls, *, subject: str, answer: type[Facts], **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if subject in _registry:
            raise ValueError(f"question declared twice: {subject}")
        cls.subject, cls.answer = subject, answer
        _registry[subject] = cls

    @classmethod
    def spec(cls) -> QuestionSpec:
        """Who asks it and who answers."""
        return next(spec for spec in QUESTIONS if spec.subject == cls.subject)


class Refusal(StrEnum):
    """Why a question has no answer."""

    MALFORMED = "malformed"
    BUSY = "busy"
    LATE = "late"
    FAILED = "failed"


class Refused(Facts):
    """No answer: `fields` are those of a malformed question that were not understood."""

    refused: Refusal
    fields: tuple[str, ...] = ()


class Unreadable(Exception):
    """A reply of another version than ours."""


def encoded(reply: Facts) -> bytes:
    """An answer, or a refusal, as it travels."""
    return reply.model_dump_json().encode()


def reply_to(kind: type[Question], payload: bytes) -> Facts:
    """The answer to a question of this kind, or `Refused`; raises `Unreadable`."""
    try:
        return _reply(kind).validate_json(payload)
    except ValidationError as error:
        raise Unreadable(kind.subject) from error


_adapters: dict[str, TypeAdapter[Facts]] = {}


def _reply(kind: type[Question]) -> TypeAdapter[Facts]:
    # `refused` is required of one and unknown to the other, so that no reply can be both.
    if kind.subject not in _adapters:
        either: Any = Refused | kind.answer
        _adapters[kind.subject] = TypeAdapter(either)
    return _adapters[kind.subject]


def questions() -> MappingProxyType[str, type[Question]]:
    """Every declared question by its subject."""
    from shared.questions import preview, search  # noqa: F401 - importing declares them

    return MappingProxyType(dict(sorted(_registry.items())))
