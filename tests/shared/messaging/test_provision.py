"""The broker's configuration follows the code: created, corrected in place, never shrunk, never recreated."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.messaging.provision import RetentionWouldShrink, provision_with
from shared.messaging.topology import ConsumerSpec, permissions
from tests.shared.messaging.conftest import TOPOLOGY, Core


async def test_a_second_run_changes_nothing(core: Core) -> None:
    assert await provision_with(core.admin, TOPOLOGY) == []


@pytest.mark.promise(32)
async def test_drift_of_a_durable_is_corrected_in_place(core: Core) -> None:
    await core.write()
    await core.relay_all()
    changed = replace(TOPOLOGY, consumers=(replace(TOPOLOGY.consumers[0], max_ack_pending=17),))
    (change,) = await provision_with(core.admin, changed)
    assert change.fields == {"max_ack_pending": (1024, 17)}
    info = await core.admin.jetstream().consumer_info("CATALOG", "matching")
    assert info.config.max_ack_pending == 17
    assert info.num_pending == 1


async def test_retention_is_never_shrunk(core: Core) -> None:
    shorter = replace(TOPOLOGY, streams=(replace(TOPOLOGY.streams[0], max_age=timedelta(days=1)),))
    with pytest.raises(RetentionWouldShrink):
        await provision_with(core.admin, shorter)


def test_a_service_may_publish_its_own_facts_only() -> None:
    matching = permissions("matching")["publish"]["allow"]  # type: ignore[index]
    assert "matching.>" in matching
    assert not any(right.startswith(("catalog.", "notifications.", "$JS.API.STREAM")) for right in matching)


def test_a_durable_is_named_after_its_reader() -> None:
    assert ConsumerSpec("CATALOG", "matching", ()).durable == "matching"
