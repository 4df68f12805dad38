"""Whoever waits for silence is told what still moves, and is not put off by a broker that says nothing for a moment."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TypeAlias

import nats.errors
import pytest
from nats.js import JetStreamContext

from deploy.bench import quiet as quietness
from deploy.bench.quiet import NotQuiet, quiet
from deploy.embedded.engines import Engines

Answers: TypeAlias = list[int | Exception]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answers]:
    """Have the broker say of what matching reads of catalog's what is given, one after the other, and then the last."""

    async def nothing(*_: object) -> int:
        return 0

    def told(*given: int | Exception) -> Answers:
        answers = list(given)

        async def consumer_info(_: JetStreamContext, stream: str, durable: str) -> object:
            answer: int | Exception = 0
            if (stream, durable) == ("CATALOG", "matching"):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, Exception):
                raise answer
            return SimpleNamespace(num_pending=answer, num_ack_pending=0)

        monkeypatch.setattr(quietness, "_unpublished", nothing)
        monkeypatch.setattr(quietness, "LOOK_S", 0.01)
        monkeypatch.setattr(JetStreamContext, "consumer_info", consumer_info)
        return answers

    return told


async def test_a_durable_without_a_leader_is_asked_again(engines: Engines, says: Callable[..., Answers]) -> None:
    left = says(3, nats.errors.TimeoutError(), 0, 1, 0)
    await quiet(engines.instance)
    assert left == [0]


async def test_what_never_comes_to_rest_is_named(engines: Engines, says: Callable[..., Answers]) -> None:
    says(7)
    with pytest.raises(NotQuiet, match=r"after 0\.2 s: CATALOG\.matching: 7$"):
        await quiet(engines.instance, limit_s=0.2)
    says(nats.errors.TimeoutError())
    with pytest.raises(NotQuiet, match=r"CATALOG\.matching gives no answer \(TimeoutError\(\)\)"):
        await quiet(engines.instance, limit_s=0.2)
