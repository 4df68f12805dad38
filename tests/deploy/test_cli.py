"""The command line: helpful, quick, honest exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import structlog
from click.testing import CliRunner, Result

from deploy.cli.main import COMMANDS, cli
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.ports import listen_on
from tests.s3 import BUCKET, KEY_ID, REGION, SECRET, s3


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """Commands set up their logs; the next test has its own again."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def stopped(place: Path) -> list[str]:
    """Options that name a folder where nothing ever ran."""
    return ["--data", str(place / "data")]


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def subcommands(*words: str) -> list[str]:
    """The commands below a group; none for a plain command."""
    command: click.Command | None = cli
    for word in words:
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
    return sorted(command.commands) if isinstance(command, click.Group) else []


def findings(result: Result) -> dict[str, dict[str, str]]:
    return {each["about"]: each for each in json.loads(result.stdout)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    for words in ((name,), *((name, below) for below in subcommands(name))):
        result = run(*words, "--help")
        assert result.exit_code == 0, result.output
        assert subcommands(*words) or f"boucle {' '.join(words)}" in result.stdout.split("Example", 1)[1]


def test_the_overview_names_every_command() -> None:
    said = run("--help").stdout
    assert all(f"\n  {name} " in said for name in COMMANDS)


def test_the_overview_imports_no_command() -> None:
    """INVARIANT: `boucle --help` stays quick however heavy the commands become."""
    script = (
        "import sys; from click.testing import CliRunner; from deploy.cli.main import cli;"
        "CliRunner().invoke(cli, ['--help']); print(sorted(m for m in sys.modules if m.startswith('deploy')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['deploy', 'deploy.cli', 'deploy.cli.main']"


@pytest.mark.parametrize(
    "words",
    [
        ("migrate",),
        ("provision",),
        ("serve", "catalog"),
        ("work", "matching"),
        ("dead-letters", "list"),
        ("reconcile",),
        ("republish", "--service", "catalog", "--latest"),
        ("backup", "--service", "catalog", "catalog.dump"),
        ("restore", "--service", "catalog", __file__),
        ("overtake", "--service", "catalog"),
        ("sellers", "2026"),
    ],
)
def test_what_needs_a_running_instance_says_how_to_start_one(words: tuple[str, ...], stopped: list[str]) -> None:
    result = run(*words, *stopped)
    assert result.exit_code == 1
    assert "Start it with `boucle up`" in result.output


def test_a_taken_port_that_was_asked_for_is_refused_in_words(stopped: list[str]) -> None:
    with listen_on("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
        result = run("up", *stopped, "--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} is taken" in result.output


def test_the_doctor_examines_a_folder_where_nothing_ran(stopped: list[str]) -> None:
    report = findings(run("doctor", "--json", *stopped))
    assert report["PostgreSQL program"]["words"].startswith("postgres (PostgreSQL) 18")
    assert report["NATS program"]["words"] == "nats-server: v2.15.1"
    assert report["Migrations"]["level"] == "ok"


def test_the_doctor_sees_readable_secrets(place: Path, stopped: list[str]) -> None:
    folder = DataFolder(place / "data")
    folder.create()
    (folder.secrets / "csrf").write_text("x")
    (folder.secrets / "csrf").chmod(0o644)
    result = run("doctor", "--json", *stopped)
    assert result.exit_code == 1
    assert "csrf" in findings(result)["Secrets"]["words"]


def test_the_doctor_sees_files_from_the_future(place: Path, stopped: list[str]) -> None:
    import os
    import time

    folder = DataFolder(place / "data")
    folder.create()
    folder.remember(web_port=1)
    os.utime(folder.root / "state.json", (time.time() + 600, time.time() + 600))
    assert findings(run("doctor", "--json", *stopped))["Clock"]["level"] == "wrong"


def test_the_doctor_warns_of_plain_http_on_the_network(place: Path, stopped: list[str]) -> None:
    folder = DataFolder(place / "data")
    folder.create()
    (folder.settings / "catalog.json").write_text('{"public_url": "http://192.168.1.20:8000"}')
    assert "drop the session cookies" in findings(run("doctor", "--json", *stopped))["Address"]["words"]


def test_the_doctor_asks_the_virus_scanner(place: Path, stopped: list[str]) -> None:
    assert "without a look" in findings(run("doctor", "--json", *stopped))["Virus scanner"]["words"]
    folder = DataFolder(place / "data")
    folder.create()
    (folder.settings / "catalog.json").write_text('{"public_url": "http://127.0.0.1", "clamav": "tcp://127.0.0.1:9"}')
    found = findings(run("doctor", "--json", *stopped))["Virus scanner"]
    assert found["level"] == "wrong"
    assert "does not answer" in found["words"]


def test_the_doctor_asks_the_bucket_of_files(place: Path, stopped: list[str]) -> None:
    assert findings(run("doctor", "--json", *stopped))["File store"]["words"].startswith("the folder")
    folder = DataFolder(place / "data")
    folder.create()
    with s3() as twin:
        said = {"endpoint": twin.endpoint, "bucket": BUCKET, "region": REGION, "access_key_id": KEY_ID}
        for secret, level in ((SECRET, "ok"), ("another", "wrong")):
            settings = {"public_url": "http://127.0.0.1", "s3": {**said, "secret_access_key": secret}}
            (folder.settings / "catalog.json").write_text(json.dumps(settings))
            (folder.settings / "catalog.json").chmod(0o600)
            found = findings(run("doctor", "--json", *stopped))["File store"]
            assert found["level"] == level, found


def test_the_doctor_asks_the_running_servers(running: list[str]) -> None:
    report = findings(run("doctor", "--json", *running))
    assert {report[about]["level"] for about in ("Pages", "Services", "Durability", "Migrations", "Clock")} == {"ok"}
    assert "running servers say" in report["Durability"]["words"]


def test_nothing_is_pending_or_changed_after_a_start(running: list[str]) -> None:
    checked = run("migrate", "--check", "--json", *running)
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, {"catalog": [], "matching": [], "notifications": []})
    provisioned = run("provision", "--json", *running)
    assert json.loads(provisioned.stdout) == {"changes": [], "durable": True}


def test_files_are_copied_into_the_bucket_that_settings_name(running: list[str]) -> None:
    assert "No bucket is set" in run("files", "--copy-to", "s3", *running).output
    path = DataFolder(Path(running[1])).settings / "catalog.json"
    before = path.read_text()
    try:
        with s3() as twin:
            said = {"endpoint": twin.endpoint, "bucket": BUCKET, "region": REGION, "access_key_id": KEY_ID}
            path.write_text(json.dumps({**json.loads(before), "s3": {**said, "secret_access_key": SECRET}}))
            result = run("files", "--copy-to", "s3", "--json", *running)
            assert result.exit_code == 0, result.output
            assert json.loads(result.stdout) == {"copied": 0, "stood": 0, "missing": [], "changed": []}
    finally:
        path.write_text(before)
