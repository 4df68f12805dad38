"""Which tests run beside others: two workers share the files, and what loads the machine by itself comes after them."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import Producer

TESTS = Path(__file__).parent
# Houses, browsers, faults, and what asks how long something takes: one after another, by one worker.
ALONE = ("browser", "deploy", "e2e", "faults", "shared")


def is_alone(path: str) -> bool:
    """Whether a test of this path, or of this id, is run while no other is."""
    below = path.partition("tests/")[2]
    return below.startswith(tuple(f"{each}/" for each in ALONE))


class Beside(LoadScopeScheduling):  # type: ignore[misc]
    """A file goes to one worker; those that run alone go together, to one, in the end."""

    def _split_scope(self, nodeid: str) -> str:
        return "alone" if is_alone(nodeid) else nodeid.partition("::")[0]


def alone_last(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests in their order, those that run alone after the others."""
    return sorted(items, key=lambda item: is_alone(item.nodeid))


def scheduler(config: pytest.Config, log: Producer) -> Beside:
    """Hands files out in the order of `alone_last`, and not the longest first."""
    config.option.loadscopereorder = False
    return Beside(config, log)
