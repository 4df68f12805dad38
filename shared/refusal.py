"""The one base class of "a rule said no": a sentence for the person, a status for the protocol."""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """A domain rule refused; subclasses are named as the sentence they mean, `NeedAlreadyClosed`.

    `sentence` is the French text shown to the person (also its translation key), with `{placeholders}` filled from
    `values`; `field` names the input to mend, when there is one.
    """

    status: ClassVar[int] = 409
    sentence: ClassVar[str] = "Cette action n'est pas possible."
    field: str | None = None

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.sentence.format(**values) if values else self.sentence)

    @property
    def headers(self) -> Mapping[str, str]:
        """What the protocol wants said beside the status, such as `Retry-After`."""
        return {}

    @property
    def code(self) -> str:
        """Stable machine name of the refusal, its class name."""
        return type(self).__name__
