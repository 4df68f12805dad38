"""The two commands: what make offers, what the locks pin, and that a second set-up costs nothing."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from deploy.embedded.data_folder import PROJECT

LOCKS = ("requirements.lock", "requirements-node.lock", "requirements-outlines.lock", "requirements-localstripe.lock")


def made(*targets: str) -> str:
    done = subprocess.run(["make", *targets], cwd=PROJECT, capture_output=True, text=True, check=True, env=bare())
    return done.stdout


def bare() -> dict[str, str]:
    """Without what an outer `make test` puts into its children's environment."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def test_make_alone_says_what_can_be_made() -> None:
    said = made()
    assert all(re.search(rf"^  {target} ", said, re.M) for target in ("run", "test", "lint", "types", "bench", "help"))


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash_and_no_registry_is_named(name: str) -> None:
    text = (PROJECT / name).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert packages
    assert all("--hash=sha256:" in line for line in packages)
    assert "://" not in text


def test_the_script_for_bare_machines_runs_in_a_plain_shell() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert script.read_text().rstrip().endswith("make --no-print-directory test")
