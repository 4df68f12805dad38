"""Every promise is shown by something that exists, and the page says by what."""

import random
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from deploy.chaos.faults import faults
from deploy.chaos.site import Site
from tests.promises import FAULTS, OPEN, PROMISES, TABLE, shown, table


def test_every_promise_is_shown_or_known_to_be_open() -> None:
    kept = shown().keys() | FAULTS.keys()
    assert kept <= PROMISES.keys()
    assert PROMISES.keys() - kept == OPEN


def test_the_rig_has_the_faults_that_promises_name() -> None:
    here = SimpleNamespace(has_own_disks=True, faults=Path(), dice=random.Random(1))
    names = {fault.name for fault in faults(cast("Site", here))}
    assert {name for each in FAULTS.values() for name in each} <= names


def test_the_page_of_promises_is_of_today() -> None:
    assert TABLE.read_text() == table(), "run python -m tests.promises"
