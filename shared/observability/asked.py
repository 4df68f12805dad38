"""What costs a question to the database or the broker, and so is asked only when somebody scrapes."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeAlias

import structlog
from prometheus_client import Metric

from shared.observability.metrics import PREFIX
from shared.observability.question import Question

log = structlog.get_logger(__name__)

WITHIN_S = 2.0

Labels: TypeAlias = Mapping[str, str]
Answers: TypeAlias = Mapping[str, Iterable[tuple[Labels, float]]]


class Asked:
    """Gauges with one question behind them; `what` says in words what each is.

    What could not be asked this time has no value: an old one would look like calm.
    """

    def __init__(
        self,
        what: Mapping[str, str],
        ask: Callable[[], Awaitable[Answers]],
        *,
        within_s: float = WITHIN_S,
        keep_s: float = 0.0,
    ) -> None:
        self._what = what
        self._question = Question(ask, within_s=within_s, keep_s=keep_s)
        self._answers: Answers = {}

    async def renew(self) -> None:
        """Ask, or take what was answered a moment ago."""
        try:
            self._answers = await self._question.answer()
        except Exception as error:  # whatever it was, the value is not known
            log.warning("metrics_not_answered", metrics=sorted(self._what), error=type(error).__name__)
            self._answers = {}

    def collect(self) -> Iterable[Metric]:
        """The families, with the samples of the last answer."""
        for name, words in self._what.items():
            family = Metric(f"{PREFIX}_{name}", words, "gauge")
            for labels, value in self._answers.get(name, ()):
                family.add_sample(family.name, dict(labels), value)
            yield family
