"""What an operator does about what is kept: build it again, remove what is old."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog

from deploy.embedded import watch
from deploy.embedded.watch import Watch
from shared.events import Event, encode
from shared.events.catalog import MemberJoined, MemberLeft
from shared.events.envelope import envelop
from tests.deploy.test_operations import TABLES, Place

MEMBERS = "notifications.members"


@pytest.fixture
def at(running: list[str]) -> Iterator[Place]:
    """The running instance without events or members, and its logs not those of the next test."""
    before = structlog.get_config()
    place = Place(running)
    for service in ("catalog", "matching", "notifications"):
        for table in TABLES:
            place.sql(service, f"DELETE FROM {table}")
    place.sql("notifications", "DELETE FROM members")
    yield place
    structlog.configure(**before)


def told(at: Place, event: Event, *, days_ago: int = 0) -> str:
    """Published by catalog, received by notifications; without an effect, as if it had been lost."""
    envelope = envelop(event)
    at.sql(
        "catalog",
        f"""
        INSERT INTO outbox (event_id, type, aggregate_id, version, subject, payload, published_at, stream_seq)
        VALUES ($1, $2, $3, $4, $5, $6, now() - interval '{days_ago} days', 41)
        """,
        envelope.id,
        envelope.type,
        envelope.subject,
        event.version,
        event.subject,
        encode(envelope),
    )
    at.sql("notifications", "INSERT INTO inbox VALUES ('CATALOG.notifications', $1, 41, 'applied')", envelope.id)
    return str(envelope.subject)


def joined() -> MemberJoined:
    return MemberJoined(version=1, member_id=uuid4(), organisation_id=uuid4(), role="owner")


def came_and_left(at: Place, *, days_ago: int) -> str:
    event = joined()
    told(at, event, days_ago=days_ago)
    gone = MemberLeft(version=2, role="owner", member_id=event.member_id, organisation_id=event.organisation_id)
    return told(at, gone, days_ago=days_ago)


@pytest.mark.promise(33)
def test_projections_are_named_compared_and_built_again(at: Place) -> None:
    assert {line["projection"] for line in at.read("rebuild", "--list")} >= {MEMBERS, "matching.supplies"}
    assert "catalog.member.joined.v1" in " ".join(at.run("rebuild", "--list").stdout.split())
    member = told(at, joined())
    checked = at.run("rebuild", MEMBERS, "--check")
    assert checked.exit_code == 1
    assert f"{MEMBERS} {member} missing" in checked.stdout
    assert at.sql("notifications", "SELECT count(*) FROM members") == [(0,)]
    rebuilt = at.run("rebuild", MEMBERS)
    assert (rebuilt.exit_code, f"{member} missing, mended" in rebuilt.stdout) == (0, True)
    assert at.sql("notifications", "SELECT role FROM members") == [("owner",)]
    (line,) = at.read("rebuild", MEMBERS)
    assert (line["is_equal"], line["rows"], line["found"]["missing"]) == (True, 1, [])
    assert line["told"] == line["kept"]


def test_a_row_that_nobody_told_of_waits_for_a_person(at: Place) -> None:
    unheard = uuid4()
    at.sql("notifications", "INSERT INTO members VALUES ($1, $1, 'owner', false, 1)", unheard)
    result = at.run("rebuild", MEMBERS)
    assert result.exit_code == 1
    assert "--end-untold ends them" in result.stdout
    assert at.run("rebuild", MEMBERS, "--end-untold").exit_code == 0
    assert at.sql("notifications", "SELECT has_left FROM members") == [(True,)]


def test_an_unknown_projection_is_refused_in_words(at: Place) -> None:
    result = at.run("rebuild", "matching.nonsense")
    assert (result.exit_code, "No such projection: matching.nonsense" in result.output) == (2, True)


@pytest.mark.promise(37)
def test_old_events_go_and_those_not_received_are_refused_by_name(at: Place) -> None:
    left = joined()
    told(at, left, days_ago=100)
    told(
        at,
        MemberLeft(version=2, role="owner", **left.model_dump(include={"member_id", "organisation_id"})),
        days_ago=100,
    )
    unread = told(at, (unheard := joined()), days_ago=100)
    told(
        at,
        MemberLeft(version=2, role="owner", **unheard.model_dump(include={"member_id", "organisation_id"})),
        days_ago=100,
    )
    at.sql(
        "notifications",
        "DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox ORDER BY event_id DESC LIMIT 2)",
    )
    counted = at.run("prune", "--dry-run")
    assert counted.exit_code == 1
    assert f"catalog.member.joined.v1.{unread}" in " ".join(counted.stdout.split())
    assert at.sql("catalog", "SELECT count(*) FROM outbox") == [(4,)]
    (line, *_) = at.read("prune")
    assert (line["service"], line["removed"], line["refused"][0]["reader"]) == ("catalog", 2, "CATALOG.notifications")
    assert at.sql("catalog", "SELECT DISTINCT aggregate_id::text FROM outbox") == [(unread,)]


@pytest.mark.parametrize("limit", ["30d", "soon"])
def test_what_a_stream_may_repeat_is_refused_in_words(at: Place, limit: str) -> None:
    result = at.run("prune", "--older-than", limit)
    assert result.exit_code == 2
    assert "30 days" in result.output or "like 90d" in result.output


@pytest.mark.promise(37)
async def test_the_supervisor_prunes_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, once = list[str](), asyncio.Event()

    async def ask(_: Watch, name: str) -> int:
        asked.append(name)
        once.set()
        return 0

    monkeypatch.setattr(Watch, "_command", ask)
    monkeypatch.setattr(watch, "PRUNE_FIRST_S", 0.0)
    pruning = asyncio.create_task(Watch.__new__(Watch)._prune())
    await asyncio.wait_for(once.wait(), 30)
    await asyncio.sleep(0.05)
    pruning.cancel()
    assert (asked, watch.PRUNE_EVERY_S) == (["prune"], 24 * 3600)
