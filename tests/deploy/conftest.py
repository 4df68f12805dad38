"""Folders the engines' user can enter, and engines of this folder's own: its tests kill them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.embedded.engines import Engines, temporary_engines
from tests.deploy.running_house import RunningHouse


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder outside pytest's own, which is closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="boucle-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running() -> Iterator[list[str]]:
    """Options that name a folder where everything runs."""
    folder = Path(tempfile.mkdtemp(prefix="boucle-test-"))
    folder.chmod(0o711)
    with RunningHouse(folder / "data"):
        yield ["--data", str(folder / "data")]
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def mortal_engines() -> AsyncIterator[Engines]:
    """Durable engines that a test may kill, if it starts them again."""
    async with temporary_engines(durable=True) as engines:
        yield engines
