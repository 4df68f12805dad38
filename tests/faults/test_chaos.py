"""Nothing is lost, doubled, stuck or out of order, whatever breaks; and a rig that could not see it would be red."""

import pytest

from deploy.chaos.rig import Report, Stage, run

SEED, SECONDS, WRITES = 1, 90.0, 2_500
# Where each mistake shows: between what it does too early and what should have come first.
SHOWING = {
    "ack_before_commit": ("kill at consumer.applied@matching", "kill PostgreSQL"),
    "publish_before_commit": ("late kill before a commit",),
    "mark_before_publish": ("kill at relay.before_publish@catalog", "kill at relay.before_publish@matching"),
}
# Few write needs, so that much is dealt in little time.
DEALS = Stage(writers_a_buyer=1)
# What the verdict says of each mistake of `break_deals`.
SEEN = (
    "more was promised of it than it holds",
    "its sums are not what its takings say",
    "its kilograms are not what both sides agreed on",
    "the signature of the buyer is gone",
)


def silent(_: str) -> None:
    """Say nothing."""


def told(report: Report) -> str:
    """What one needs to see it again: `boucle chaos --seed`."""
    return f"seed={report.seed} {report.as_dict()}"


@pytest.mark.promise(2, 39)
async def test_every_fault_under_load_breaks_no_promise() -> None:
    """Ninety seconds; longer where a slow machine has not yet promised 2,500 writes by then."""
    report = await run(SEED, SECONDS, silent, writes=WRITES)
    assert report.troubles == [], told(report)
    assert report.writes >= WRITES, told(report)
    assert {
        "agreement complete",
        "taking done",
        "message",
        "subscription accept",
        "lot",
        "settlement take-back",
    } <= report.deeds.keys()


async def test_mistakes_in_deals_and_lots_turn_the_rig_red() -> None:
    report = await run(SEED, 8.0, silent, writes=300, only=("a slow consumer",), mutation="break_deals", stage=DEALS)
    found = "; ".join((*report.verdict.lost, *report.verdict.doubled))
    for sentence in SEEN:
        assert sentence in found, told(report)


async def test_money_that_is_lost_turns_the_rig_red() -> None:
    report = await run(SEED, 8.0, silent, writes=600, only=("a slow consumer",), mutation="lose_money", stage=DEALS)
    assert "its accounts do not hold what its state says" in "; ".join(report.verdict.lost), told(report)


@pytest.mark.parametrize("mutation", SHOWING)
async def test_a_mistake_in_the_event_core_turns_the_rig_red(mutation: str) -> None:
    report = await run(SEED, 8.0, silent, only=SHOWING[mutation], mutation=mutation)
    assert not report.not_reached, told(report)
    assert report.verdict.troubles, told(report)
