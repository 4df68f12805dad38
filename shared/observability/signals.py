"""Everything one service tells of itself in one process; no two services share any of it."""

from dataclasses import dataclass, field

from shared.observability.asked import Asked
from shared.observability.health import Health
from shared.observability.metrics import Metrics
from shared.observability.pulse import Pulse


@dataclass
class Signals:
    """What is counted, what beats, what is asked at a scrape; `health` where the service has a database to ask."""

    service: str
    health: Health | None = None
    metrics: Metrics = field(default_factory=Metrics)
    pulse: Pulse = field(default_factory=Pulse)
    asked: list[Asked] = field(default_factory=list)

    def ask(self, *questions: Asked) -> None:
        """From now on a scrape asks these too."""
        for each in questions:
            self.metrics.registry.register(each)
            self.asked.append(each)


def unheard(_signals: Signals) -> None:
    """For a process that nobody asks."""
