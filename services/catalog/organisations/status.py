"""What a legal entity is in law, said with its source, its date and its end; pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Source(StrEnum):
    """Where a statement comes from; only the first is nobody's word but its own."""

    DECLARED = "declared"
    REGISTER = "register"
    DECISION = "decision"
    CONVENTION = "convention"
    RULING = "ruling"


class StatusFact(BaseModel):
    """One thing an entity is or may do; `checked_on` is when a coordinator saw the proof.

    Of what it may issue or receive, `article` is the code of what that rests on, `decision` and `decided_on` the decree
    or ruling behind it. One that a coordinator refused holds no more, and says why.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    source: Source = Source.DECLARED
    stated_on: date
    expires_on: date | None = None
    checked_on: date | None = None
    article: str | None = None
    decision: str | None = None
    decided_on: date | None = None
    refused_on: date | None = None
    refusal: str | None = None

    def holds(self, today: date) -> bool:
        """False once it has expired or was refused."""
        return self.refused_on is None and (self.expires_on is None or self.expires_on >= today)

    def counts(self, today: date) -> bool:
        """True where papers may rest on it: it holds, and a coordinator saw the proof."""
        return self.checked_on is not None and self.holds(today)


def codes_held(facts: Iterable[StatusFact], among: Iterable[str], today: date) -> list[str]:
    """The codes of a list that hold today, in the list's order."""
    holding = {fact.code for fact in facts if fact.holds(today)}
    return [code for code in among if code in holding]


def stated(
    before: Sequence[StatusFact], codes: Iterable[str], said: dict[str, tuple[Source, date | None]], today: date
) -> list[StatusFact]:
    """The facts after an entity said anew which it has; what it repeats unchanged keeps its date and its check."""
    known = {fact.code: fact for fact in before}
    facts = []
    for code in dict.fromkeys(codes):
        source, expires_on = said.get(code, (Source.DECLARED, None))
        old = known.get(code)
        if old is not None and (old.source, old.expires_on) == (source, expires_on):
            facts.append(old)
        else:
            facts.append(StatusFact(code=code, source=source, stated_on=today, expires_on=expires_on))
    return facts
