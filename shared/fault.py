"""Points where a process can be made to fail on purpose; without `BOUCLE_FAULTS` in its environment they do nothing.

The variable names a folder. A file in it called like a point (`relay.published`, or `relay.published@matching` for one
service) makes the next process that comes by do what the file says and renames it to `….hit`, which is how the rig
knows that the point was reached:

    kill        end like a power cut
    late 0.3    the same after a while
    raise       fail like a bug
    block 3     hold up the whole process for three seconds
    wait 3      take three seconds, as slow work would

A second word `always` leaves the file where it is, so that every passage is hit: a message that kills its process.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

FOLDER = Path(folder) if (folder := os.environ.get("BOUCLE_FAULTS")) else None
POINTS = (
    "outbox.recorded",
    "http.before_commit",
    "http.after_commit",
    "relay.before_publish",
    "relay.published",
    "relay.marked",
    "consumer.received",
    "consumer.foretold",
    "consumer.applied",
    "consumer.committed",
    "consumer.acknowledged",
    "stripe.begun",
    "stripe.called",
    "stripe.kept",
    "stripe.read",
    "stripe.handled",
)


class Failed(Exception):
    """A handler's bug, made on purpose."""


async def failpoint(name: str, *which: object) -> None:
    """Fail here if somebody asked for it, by the point's name alone or with one of `which` after an @."""
    if FOLDER is None:
        return
    for each in (name, *(f"{name}@{one}" for one in which)):
        if words := _asked(FOLDER / each):
            await _fail(*words)


def _asked(file: Path) -> list[str]:
    """What the file says; the first to come by takes it away."""
    with suppress(OSError):
        words = file.read_text().split()
        if "always" in words:
            file.with_name(f"{file.name}.hit").touch()
            return words
        # Renaming succeeds for one process only.
        file.rename(file.with_name(f"{file.name}.hit"))
        return words
    return []


async def _fail(how: str, *rest: str) -> None:
    seconds = float(rest[0]) if rest and rest[0] != "always" else 0.0
    match how:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "late":
            await asyncio.sleep(seconds)
            os.kill(os.getpid(), signal.SIGKILL)
        case "raise":
            raise Failed
        case "block":
            time.sleep(seconds)  # noqa: ASYNC251 - holding up the loop is the fault
        case "wait":
            await asyncio.sleep(seconds)
