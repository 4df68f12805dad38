"""Thousands of real organisations and notices through import, events, matches and notifications, on durable engines.

Where the reading room's data are not at hand, the demonstration takes the same path; the run says which it was.
"""

from collections.abc import AsyncIterator

import pytest

from deploy.cli.real_input_house import throw_away_house
from deploy.cli.real_input_run import SUPPLY, Outcome, data_folder, run, source_at_hand

MEASURED = 8


@pytest.fixture(scope="module")
async def outcome(pytestconfig: pytest.Config) -> AsyncIterator[Outcome]:
    async with throw_away_house() as instance:
        done = await run(instance, source_at_hand(), lambda _: None, measured=MEASURED)
        say(pytestconfig, f"Real input ran on {done.data}: {done.rows}, {done.totals}, {done.seconds}")
        yield done


def say(pytestconfig: pytest.Config, text: str) -> None:
    """A line that everybody sees, whether the test passes or not."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        pytestconfig.get_terminal_writer().line(f"\n{text}")


def test_every_row_is_accounted_for_and_each_refused_one_says_why(outcome: Outcome) -> None:
    for step in outcome.steps:
        assert step["read"] == step["created"] + len(step["refused"]), step["step"]
        assert step["updated"] == step["unchanged"] == 0
        for row in step["refused"]:
            assert row["line"] > 1
            assert row["reasons"]
            assert all(row["reasons"].values())


def test_all_the_real_rows_were_read_when_they_are_at_hand(outcome: Outcome) -> None:
    if not (data_folder() / SUPPLY).exists():
        pytest.skip("the run took the demonstration: there is no reading-room data")
    enterprises, offers, _, notices = outcome.steps
    assert (enterprises["read"], notices["read"]) == (3853, 300)
    siret = [row for row in enterprises["refused"] if "siret" in row["reasons"]]
    twice = [row for row in enterprises["refused"] if "external_id" in row["reasons"]]
    assert (len(siret), len(twice)) == (13, 12)
    assert offers["created"] == enterprises["created"]


def test_what_was_created_is_there(outcome: Outcome) -> None:
    created = {
        kind: sum(step["created"] for step in outcome.steps if step["kind"] == kind) for kind in ("needs", "offers")
    }
    organisations = sum(step["created"] for step in outcome.steps if step["kind"] == "organisations")
    assert outcome.totals["organisations"] == organisations
    # The demonstration holds a few drafts and pauses.
    assert outcome.totals["needs"] == pytest.approx(created["needs"], rel=0.05)
    assert outcome.totals["offers"] == pytest.approx(created["offers"], rel=0.05)


def test_every_published_need_is_judged_every_solicitation_told_and_nothing_died(outcome: Outcome) -> None:
    assert set(outcome.broken_promises.values()) == {0}, outcome.broken_promises
    assert outcome.totals["matches"] > outcome.totals["demands_matched"] > 0
    assert outcome.totals["solicitations"] > 0
    assert outcome.totals["notifications"] >= outcome.totals["solicitations"]


def test_a_posted_need_is_notified_in_a_moment(outcome: Outcome) -> None:
    assert outcome.to_notification["needs"] == MEASURED
    assert outcome.to_notification["p50_ms"] < 5_000


def test_the_table_shows_needs_with_ranked_suppliers_and_their_reasons(outcome: Outcome) -> None:
    assert len(outcome.table) == 20
    for need in outcome.table:
        scores = [each["score"] for each in need["top"]]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == min(need["fits"], 3)
        assert all(each["reasons"] for each in need["top"])
