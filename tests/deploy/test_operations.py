"""What an operator does to messages by hand: letters, sending again, comparing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from click.testing import CliRunner, Result

from deploy.cli.main import cli
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from shared.database import new_id
from shared.events import encode
from shared.events.catalog import NeedWithdrawn
from shared.events.envelope import Envelope, envelop
from shared.messaging.worker import asyncpg_dsn

TABLES = ("outbox", "inbox", "dead_letter")


class Place:
    """The running instance, its databases, and the command line on it."""

    def __init__(self, options: list[str]) -> None:
        self.options = options
        instance = known_instance(DataFolder(Path(options[1])))
        assert instance is not None
        self.instance = instance

    def run(self, *words: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(cli, [*words, *self.options], input=answer)

    def read(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def sql(self, service: str, statement: str, *values: object) -> list[Any]:
        async def execute() -> list[Any]:
            connection = await asyncpg.connect(asyncpg_dsn(self.instance.database_url(service, "work")), ssl=False)
            try:
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()

        return asyncio.run(execute())

    def sql_as_admin(self, statement: str, *, database: str = "postgres") -> list[Any]:
        async def execute() -> list[Any]:
            address = asyncpg_dsn(self.instance.admin_database_url(database))
            connection = await asyncpg.connect(address, ssl=False)
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return asyncio.run(execute())

    def letter(self, payload: bytes, *, event_id: UUID | None = None) -> str:
        """A letter that matching could not apply."""
        letter_id = new_id()
        self.sql(
            "matching",
            """
            INSERT INTO dead_letter (id, consumer, event_id, stream, stream_seq, subject, payload, headers, reason,
                                     fingerprint, attempts)
            VALUES ($1, 'CATALOG.matching', $2, 'CATALOG', 7, 'catalog.need.withdrawn.v1.[x]', $3, '{"a": "b"}',
                    'ValueError: [bold]', 'ValueError', 6)
            """,
            letter_id,
            event_id,
            payload,
        )
        return str(letter_id)

    def sent(self, envelope: Envelope) -> None:
        """An event that catalog published ten minutes ago."""
        self.sql(
            "catalog",
            """
            INSERT INTO outbox (event_id, type, aggregate_id, version, subject, payload, created_at, published_at,
                                stream_seq)
            VALUES ($1, $2, $3, 1, $4, $5, now() - interval '10 min', now() - interval '10 min', 41)
            """,
            envelope.id,
            envelope.type,
            envelope.subject,
            envelope.data.subject,
            encode(envelope),
        )


@pytest.fixture
def at(running: list[str]) -> Iterator[Place]:
    """The running instance with nothing in its queues, and its logs not those of the next test."""
    before = structlog.get_config()
    place = Place(running)
    for service in ("catalog", "matching", "notifications"):
        for table in TABLES:
            place.sql(service, f"DELETE FROM {table}")
    yield place
    structlog.configure(**before)


def withdrawn() -> Envelope:
    return envelop(NeedWithdrawn(version=1, need_id=uuid4(), organisation_id=uuid4()))


def test_no_letter_is_said_in_words(at: Place) -> None:
    assert at.run("dead-letters", "list").stdout.strip() == "No dead letter is open."
    assert at.read("dead-letters", "list") == []
    assert at.run("dead-letters", "replay", "--all").stdout.strip() == "No dead letter is open."


def test_letters_are_listed_with_their_reason(at: Place) -> None:
    letter_id = at.letter(b"poison")
    said = at.run("dead-letters", "list").stdout
    assert letter_id in said
    (line,) = at.read("dead-letters", "list", "--service", "matching")
    assert (line["service"], line["consumer"], line["attempts"]) == ("matching", "CATALOG.matching", 6)
    assert line["reason"] == "ValueError: [bold]"
    assert at.read("dead-letters", "list", "--service", "catalog") == []


def test_a_letter_is_shown_whole(at: Place) -> None:
    envelope = withdrawn()
    letter_id = at.letter(encode(envelope).encode(), event_id=envelope.id)
    said = at.run("dead-letters", "show", letter_id).stdout
    assert "catalog.need.withdrawn.v1.[x]" in said
    assert "ValueError: [bold]" in said
    assert '"specversion": "1.0"' in said
    whole = at.read("dead-letters", "show", letter_id)
    assert json.loads(whole["payload"])["id"] == str(envelope.id)
    assert whole["headers"] == {"a": "b"}
    bytes_only = at.letter(b"\xff[x]")
    assert at.read("dead-letters", "show", bytes_only)["payload_base64"] == "/1t4XQ=="
    assert "\\xff[x]" in at.run("dead-letters", "show", bytes_only).stdout


def test_a_letter_is_replayed_by_the_handlers_of_its_service_once(at: Place) -> None:
    envelope = withdrawn()
    letter_id = at.letter(encode(envelope).encode(), event_id=envelope.id)
    (line,) = at.read("dead-letters", "replay", letter_id)
    assert (line["outcome"], line["is_resolved"]) == ("applied", True)
    assert at.sql("matching", "SELECT outcome FROM inbox WHERE event_id = $1", envelope.id) == [("replayed",)]
    assert at.read("dead-letters", "list") == []
    (resolved,) = at.read("dead-letters", "list", "--resolved")
    assert "@" in resolved["resolved_by"]
    again = at.run("dead-letters", "replay", letter_id)
    assert (again.exit_code, "resolved before" in again.stdout) == (0, True)


def test_one_that_fails_again_ends_with_code_1_and_does_not_stop_the_others(at: Place) -> None:
    bad = at.letter(b"[]")
    good = withdrawn()
    at.letter(encode(good).encode(), event_id=good.id)
    result = at.run("dead-letters", "replay", "--all")
    assert result.exit_code == 1
    assert f"{bad} (matching) failed again, still open: unreadable" in result.stdout
    (left,) = at.read("dead-letters", "list")
    assert (left["id"], left["replay_count"]) == (bad, 1)


def test_a_mistyped_letter_is_refused_before_anything_is_replayed(at: Place) -> None:
    letter_id = at.letter(b"[]")
    result = at.run("dead-letters", "replay", letter_id, str(uuid4()))
    assert result.exit_code == 1
    assert "No dead letter of catalog, matching, notifications has the id" in result.output
    assert at.read("dead-letters", "list")[0]["replay_count"] == 0


def test_a_letter_that_nobody_can_apply_is_closed_with_a_reason(at: Place) -> None:
    letter_id = at.letter(b"[]")
    without = at.run("dead-letters", "close", letter_id)
    assert (without.exit_code, "--why" in without.output) == (2, True)
    assert at.run("dead-letters", "close", letter_id, "--why", "no message at all").exit_code == 0
    assert at.read("dead-letters", "list") == []
    (kept,) = at.read("dead-letters", "list", "--resolved")
    assert kept["resolved_by"].endswith(": no message at all")
    again = at.run("dead-letters", "close", letter_id, "--why", "twice")
    assert (again.exit_code, "resolved before" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("dead-letters", "replay"), "Name the letters, or say --all."),
        (("dead-letters", "replay", "--all", str(UUID(int=1))), "Name the letters, or say --all."),
        (("republish", "--service", "catalog"), "Say which events, one way"),
        (("republish", "--service", "catalog", "--latest", "--from", "2026-11-23"), "Say which events, one way"),
        (("republish", "--service", "catalog", "--from", "yesterday"), "is no date and time such as"),
        (("republish", "--service", "catalog", "--from", "2026-11-23", "--to", "2026-11-22"), "is not before"),
        (("republish", "--service", "catalog", "--latest", "--json"), "--json needs --yes"),
        (("republish", "--service", "notifications", "--latest", "--rewind", "catalog"), "catalog reads nothing of"),
    ],
)
def test_what_is_not_clear_is_refused_in_words(at: Place, words: tuple[str, ...], refusal: str) -> None:
    result = at.run(*words)
    assert result.exit_code == 2
    assert refusal in " ".join(result.output.split())


def test_sending_again_tells_how_many_and_asks(at: Place) -> None:
    at.sent(withdrawn())
    chosen = ("republish", "--service", "catalog", "--from", "2026-01-01")
    refused = at.run(*chosen, answer="n\n")
    assert refused.exit_code == 1
    assert "1 events of catalog would be sent again." in refused.output
    assert "1 of them were sent less than an hour ago" in refused.output
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    assert at.sql("catalog", waiting) == [(0,)]
    assert at.run(*chosen, answer="y\n").exit_code == 0
    assert at.sql("catalog", waiting) == [(1,)]


def test_sending_again_counts_for_machines_and_rewinds_a_reader(at: Place) -> None:
    at.sent(withdrawn())
    words = ("republish", "--service", "catalog", "--latest", "--rewind", "matching", "--yes")
    assert at.read(*words) == {"republished": 1, "recent": 1, "held_back": 0, "rewound": 0}


def test_comparing_finds_what_is_missing_and_says_how_to_mend_it(at: Place) -> None:
    assert at.run("reconcile").exit_code == 0
    envelope = withdrawn()
    at.sent(envelope)
    result = at.run("reconcile")
    assert result.exit_code == 1
    assert f"  {envelope.id}  41  {envelope.data.subject}" in result.stdout
    assert "boucle republish --service catalog --from 20" in result.stdout
    found = {(line["stream"], line["reader"]): line for line in at.read("reconcile")}
    missing = found["CATALOG", "matching"]["missing"]
    assert (missing["count"], missing["stream_seq"], len(missing["events"])) == (1, [41, 41], 1)
    who = {reader: line["missing"]["count"] for (_, reader), line in found.items() if line["missing"]["count"]}
    assert who == {"matching": 1, "notifications-webhooks": 1}
    assert at.run("reconcile", "--grace", "3600").exit_code == 0
    at.sql("matching", "INSERT INTO inbox VALUES ('CATALOG.matching', $1, 41, 'applied')", envelope.id)
    at.sql(
        "notifications", "INSERT INTO inbox VALUES ('CATALOG.notifications-webhooks', $1, 41, 'applied')", envelope.id
    )
    assert at.run("reconcile").exit_code == 0


def test_a_stream_is_looked_through_too(at: Place) -> None:
    envelope = withdrawn()
    at.sent(envelope)
    result = at.run("reconcile", "--streams")
    assert result.exit_code == 1
    assert "CATALOG lost: 1 (stream_seq 41 to 41" in " ".join(result.stdout.split())
    assert "→ boucle provision --anew CATALOG" in result.stdout
    found = at.read("reconcile", "--streams")
    assert {each["stream"] for each in found["streams"]} == {"CATALOG", "MATCHING", "NOTIFICATIONS", "CONTACTS"}
    (lost,) = [each["lost"]["events"] for each in found["streams"] if each["stream"] == "CATALOG"]
    assert [each["event_id"] for each in lost] == [str(envelope.id)]
    assert [each["reader"] for each in found["readers"]] == [each["reader"] for each in at.read("reconcile")]


def test_a_damaged_stream_is_made_anew_after_a_question(at: Place) -> None:
    assert at.run("provision", "--anew", "CATALOG", answer="n\n").exit_code == 1
    made = at.run("provision", "--anew", "CATALOG", answer="y\n")
    assert "CATALOG: created" in made.stdout
    assert "boucle republish --service catalog --from 1970-01-01" in made.stdout


def test_what_was_received_without_being_told_is_extra_and_no_loss(at: Place) -> None:
    event_id = uuid4()
    at.sql("matching", "INSERT INTO inbox VALUES ('CATALOG.matching', $1, 9, 'applied')", event_id)
    result = at.run("reconcile")
    assert result.exit_code == 0
    assert "matching has, untold by catalog: 1 (stream_seq 9 to 9" in result.stdout
    assert str(event_id) in result.stdout


def test_a_database_that_is_away_is_a_sentence(at: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = at.instance.settings_file("catalog")
    monkeypatch.setenv("BOUCLE_CATALOG_SETTINGS", str(settings))
    monkeypatch.setenv("BOUCLE_CATALOG_WORK_DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/catalog")
    result = at.run("dead-letters", "list", "--service", "catalog")
    assert result.exit_code == 1
    assert "away or busy" in result.output
    assert "Traceback" not in result.output
