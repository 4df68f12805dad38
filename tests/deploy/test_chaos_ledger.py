"""What the chaos rig's writers note: no more than they were told, even when they end in the middle of a request."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import httpx

from deploy.bench.person import Person
from deploy.chaos.ledger import Ledger
from deploy.chaos.lots import give_in
from deploy.chaos.pen import Pen


async def test_a_holder_who_gives_in_has_said_the_takers_figure() -> None:
    asked, answered = asyncio.Event(), asyncio.Event()
    answered.set()
    pen, taking, figure = disputed(asked, answered)
    await give_in(pen, taking, Decimal(2))
    assert pen.ledger.said == {figure: Decimal(2)}


async def test_a_holder_who_ends_before_the_answer_vouches_for_neither_figure() -> None:
    asked, answered = asyncio.Event(), asyncio.Event()
    pen, taking, _ = disputed(asked, answered)
    task = asyncio.create_task(give_in(pen, taking, Decimal(2)))
    await asked.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert pen.ledger.said == {}


def disputed(asked: asyncio.Event, answered: asyncio.Event) -> tuple[Pen, dict[str, str], tuple[object, str]]:
    """A holder who said three, before a Boucle that hears of it in `asked` and answers in `answered`."""
    taking_id = uuid4()

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.set()
        await answered.wait()
        return httpx.Response(200, json={"id": str(taking_id), "state": "confirmed", "version": 4}, request=request)

    holder = Person("http://boucle.invalid")
    holder.client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://boucle.invalid")
    figure = taking_id, "holder"
    return Pen(holder, Ledger(said={figure: Decimal(3)})), {"id": str(taking_id)}, figure
