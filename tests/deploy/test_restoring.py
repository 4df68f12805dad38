"""One service's database goes back to a backup while everything runs, and nothing of it is lost without a word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.test_operations import Place, at, withdrawn

__all__ = ["at"]

ROWS = "SELECT event_id FROM outbox"
RESTORED = "SELECT count(*) FROM pg_database WHERE datname = 'catalog_restored'"


@pytest.fixture
def backup(at: Place, tmp_path: Path) -> Iterator[Path]:
    """A backup of a catalog that told one event; later databases are dropped afterwards."""
    at.sent(withdrawn())
    file = tmp_path / "catalog.dump"
    assert at.run("backup", "--service", "catalog", str(file)).exit_code == 0
    yield file
    for (name,) in at.sql_as_admin("SELECT datname FROM pg_database WHERE datname LIKE 'catalog\\_%'"):
        at.sql_as_admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.promise(34)
def test_a_database_goes_back_and_the_one_before_it_is_kept(at: Place, backup: Path) -> None:
    (before,) = at.sql("catalog", ROWS)
    at.sent(withdrawn())
    done = at.read("restore", "--service", "catalog", str(backup), "--yes")
    # As the role of the service: its rights are those of before.
    assert at.sql("catalog", ROWS) == [before]
    at.sent(withdrawn())
    assert len(at.sql("catalog", ROWS)) == 2
    assert at.sql_as_admin("SELECT count(*) FROM outbox", database=done["kept_as"]) == [(2,)]
    assert done["next"] == [
        f"boucle republish --service matching --from {done['from']} --rewind catalog --yes",
        "boucle overtake --service catalog",
        "boucle reconcile --streams",
    ]
    assert {each["stream"] for each in done["streams"]} == {"CATALOG", "CONTACTS"}


def test_nothing_changes_when_the_file_is_no_backup(at: Place, backup: Path) -> None:
    backup.write_bytes(b"PGDMP and then nothing")
    result = at.run("restore", "--service", "catalog", str(backup), "--yes")
    assert result.exit_code == 1
    assert "Nothing changed. pg_restore" in result.output
    assert len(at.sql("catalog", ROWS)) == 1
    assert list(at.instance.folder.secrets.glob("pgpass*")) == []
    assert at.sql_as_admin(RESTORED) == [(0,)]


def test_nothing_changes_when_the_streams_cannot_be_asked(
    at: Place, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: a service that was shut out of its database is let in again, whatever went wrong meanwhile."""

    async def refuse(*_: object, **__: object) -> None:
        raise OSError("away")

    monkeypatch.setattr("shared.messaging.overtaking.overtake", refuse)
    result = at.run("restore", "--service", "catalog", str(backup), "--yes")
    assert (result.exit_code, "away or busy" in result.output) == (1, True)
    assert at.sql_as_admin(RESTORED) == [(0,)]
    assert len(at.sql("catalog", ROWS)) == 1


def test_it_asks_first(at: Place, backup: Path) -> None:
    assert at.run("restore", "--service", "catalog", str(backup), answer="n\n").exit_code == 1
    assert at.run("restore", "--service", "catalog", str(backup), "--json").exit_code == 2


def test_a_backup_is_for_its_owner_only(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    assert list(backup.parent.glob(".*.part")) == []


def test_versions_are_said_to_go_on(at: Place) -> None:
    told = json.loads(at.run("overtake", "--service", "matching", "--json").stdout)
    assert told["raised"] == 0
    assert [each["stream"] for each in told["streams"]] == ["MATCHING"]
