"""The supervisor as a process: starts, heals, refuses a second one, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.os_user import engine_user
from deploy.embedded.supervisor import STOP_SECONDS
from tests.deploy.running_house import (
    PATIENCE_SECONDS,
    RunningHouse,
    alive,
    descendants,
    eventually,
    kill,
    python_for,
    shown,
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One data folder for the module: made by its first test, started again by the others."""
    import shutil
    import tempfile

    place = Path(tempfile.mkdtemp(prefix="boucle-test-"))
    place.chmod(0o711)
    yield place / "data"
    shutil.rmtree(place, ignore_errors=True)


def test_a_first_start_serves_every_prefix_and_loads_the_demonstration_once(folder: Path) -> None:
    with RunningHouse(folder) as house:
        assert [house.get(path) for path in ("/", "/matching", "/notifications")] == [200, 200, 200]
        assert house.emails == "buyer@boucle.invalid"
    with RunningHouse(folder) as again:
        assert again.emails == "buyer@boucle.invalid"
    assert (folder / "loaded").read_text() == "x"


def test_secrets_and_settings_are_readable_by_their_owner_only(folder: Path) -> None:
    kept = [*(folder / "secrets").iterdir(), *(folder / "settings").iterdir(), folder / "state.json"]
    assert len(kept) > 15
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_second_start_is_quick_and_ctrl_c_stops_all_of_it(folder: Path) -> None:
    began = time.monotonic()
    house = RunningHouse(folder).until_ready()
    # 2 s on an idle machine of two cores
    assert time.monotonic() - began < 15
    started = descendants(house.process.pid)
    code, seconds = house.end()
    assert (code, alive(started)) == (0, [])
    # who had to be killed would take the whole grace
    assert seconds < STOP_SECONDS


def test_ctrl_c_during_a_first_start_leaves_nothing_and_the_next_one_begins_again(place: Path) -> None:
    house = RunningHouse(place / "data")
    house.line("step")
    assert eventually((place / "data" / "postgres.new").exists)
    started = descendants(house.process.pid)
    house.end()
    assert eventually(lambda: not alive(started))
    with RunningHouse(place / "data") as again:
        assert again.get("/") == 200


def test_whatever_is_killed_comes_back(folder: Path) -> None:
    with RunningHouse(folder) as house:
        for program in ("postgres", "nats-server", "house"):
            kill(house.children()[program])
            house.line("trouble")
            assert "answers again" in house.line("trouble")
            assert house.get("/matching") == 200


def test_pages_wait_instead_of_failing_while_the_services_come_back(folder: Path) -> None:
    """INVARIANT: the supervisor keeps the listening socket, so a restart is a pause and not a refusal."""
    with RunningHouse(folder) as house:
        kill(house.children()["house"])
        assert house.get("/") == 200


def test_a_second_supervisor_is_refused_in_words(folder: Path) -> None:
    with RunningHouse(folder) as house:
        second = RunningHouse(folder)
        assert f"already runs on {folder} (process {house.process.pid})" in second.line("Boucle")
        assert second.process.wait(PATIENCE_SECONDS) == 1
        second.end()
        assert house.get("/") == 200


def test_nothing_survives_a_killed_supervisor_and_the_next_start_heals(folder: Path) -> None:
    house = RunningHouse(folder).until_ready()
    started = descendants(house.process.pid)
    assert len(started) > 3
    house.end(signal.SIGKILL)
    assert eventually(lambda: not alive(started))
    with RunningHouse(folder) as healed:
        assert healed.get("/") == 200


def test_a_start_after_everything_was_killed_at_once_heals(folder: Path) -> None:
    house = RunningHouse(folder).until_ready()
    victims = [house.process.pid, *house.children().values()]
    for pid in victims:
        kill(pid)
    house.end(signal.SIGKILL)
    with RunningHouse(folder) as healed:
        assert healed.get("/") == 200


def test_a_taken_port_is_avoided_and_a_freed_one_remembered(folder: Path) -> None:
    with RunningHouse(folder) as house:
        first = house.url
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(first.rsplit(":", 1)[1])))
        squatter.listen()
        with RunningHouse(folder) as elsewhere:
            assert elsewhere.url != first
            assert elsewhere.get("/") == 200


def test_an_ordinary_user_needs_nothing_of_root(place: Path) -> None:
    """As root, the whole start is repeated as another user, in root's environment; else every test here was that."""
    user = engine_user(None)
    if user is None:
        return
    python = python_for(user)
    if python is None:
        pytest.skip(f"neither the project nor a Python of this version can be entered by {user.name}")
    os.chown(place, user.uid, user.gid)
    with RunningHouse(place / "data", user=user, python=python) as house:
        assert house.get("/notifications") == 200
        told = "".join(shown(pid, "status") for pid in descendants(house.process.pid))
        assert {int(each) for each in re.findall(r"^Uid:\s+(\d+)", told, re.MULTILINE)} == {user.uid}
    strange = subprocess.run(["find", str(place), "!", "-user", user.name], capture_output=True, text=True, check=True)
    assert strange.stdout == ""
