"""Disks whose power can be cut: an ext4 image behind a loop device, of which a copy is what the platters hold.

Pages that nobody synced stay in the memory of the file system and are not in the image. Optimistic about the order in
which a real disk writes, pessimistic about nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TOOLS = ("truncate", "mkfs.ext4", "mount", "umount", "cp")


def why_not(place: Path) -> str:
    """Why no such disk can be made here, tried out in `place`; empty when it can."""
    if os.geteuid() != 0:
        return "only root mounts a disk"
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"no {', '.join(missing)} here"
    image, folder = place / "probe.img", place / "probe"
    try:
        mounted(made(image, "16M"), folder)
    except subprocess.CalledProcessError as error:
        return f"a disk image cannot be mounted here: {error.stderr.decode().strip()}"
    unmount(folder)
    return ""


def made(image: Path, size: str) -> Path:
    """An empty disk; takes the room of what is written to it."""
    _run("truncate", "-s", size, image)
    _run("mkfs.ext4", "-q", "-F", image)
    return image


def mounted(image: Path, folder: Path) -> None:
    """Make the disk readable at the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-o", "loop", image, folder)


def unmount(folder: Path) -> None:
    """Take the disk away, at once or as soon as nobody uses it any more."""
    subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


@contextmanager
def power_cut(image: Path, pids: Iterable[int], *, cut: Path) -> Iterator[None]:
    """Stop whoever writes, run the block, and copy the disk to `cut` as it is; then they go on as if nothing was.

    The block is the moment at which to note what has been promised.
    """
    stopped = list(pids)
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
        _run("cp", "--sparse=always", image, cut)
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextmanager
def after_the_cut(cut: Path, folder: Path) -> Iterator[Path]:
    """The disk as a machine finds it at its next start; gone afterwards."""
    mounted(cut, folder)
    try:
        yield folder
    finally:
        unmount(folder)
        cut.unlink()


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
