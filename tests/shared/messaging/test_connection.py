"""The connection to the broker outlives its library's bad moments."""

import pytest

from shared.messaging.connection import _guarded
from tests.shared.messaging.conftest import Core
from tests.shared.messaging.test_consumer import has


@pytest.mark.promise(28)
async def test_a_callback_that_raises_ends_nothing() -> None:
    async def raises() -> None:
        raise ZeroDivisionError

    await _guarded(raises)()


@pytest.mark.promise(28)
async def test_a_reconnect_survives_a_callback_that_raised(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    async def raises() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(core.reading, "_disconnected_cb", _guarded(raises))
    assert core.reading._transport is not None
    core.reading._transport.close()  # type: ignore[no-untyped-call]
    await core.write()
    await core.relay_all()
    await core.consume(core.remember, until=lambda: has(core, 1))
