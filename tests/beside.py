"""Which tests run beside others: two workers share the files, and what starts whole houses goes together."""

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import Producer

# The longest first, one for each worker; what breaks houses on purpose last, when little is left to run beside it.
FIRST = {"browser": "browser", "deploy": "houses", "e2e": "houses"}
LAST = {"faults": "faults"}


def part_of(path: str) -> str:
    """Which folder of tests a path, or a test's id, is in."""
    return path.partition("tests/")[2].partition("/")[0]


class Beside(LoadScopeScheduling):  # type: ignore[misc]
    """A file goes to one worker, and so does a part that is named above, as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        together = {**FIRST, **LAST}
        return together.get(part_of(nodeid), nodeid.partition("::")[0])


def in_turn(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests in their order, but those of `FIRST` before the others and those of `LAST` after them."""
    return sorted(items, key=lambda item: (part_of(item.nodeid) in LAST) - (part_of(item.nodeid) in FIRST))


def scheduler(config: pytest.Config, log: Producer) -> Beside:
    """Hands files out in the order of `in_turn`, and not the longest first."""
    config.option.loadscopereorder = False
    return Beside(config, log)
