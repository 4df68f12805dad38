"""What the button that was pressed sends: one form for each of the two answers."""

from typing import Any, NamedTuple

from services.catalog.answers.schemas import Interested, NotForUs, Reply
from shared.web.forms import Form, read_form
from shared.web.pages import Req


class Sent(NamedTuple):
    """One of the two forms; `reply` is None where something typed is wrong, `declines` says which of them it was."""

    form: Form[Any]
    reply: Reply | None
    declines: bool


async def sent_interested(request: Req) -> Sent:
    """The button that says interested."""
    form = await read_form(request, Interested)
    reply = Reply(answer="interested", note=form.data.note) if form.data else None
    return Sent(form, reply, declines=False)


async def sent_declined(request: Req) -> Sent:
    """The button that says no, with the reason."""
    form = await read_form(request, NotForUs)
    reply = Reply(answer="declined", reason=form.data.reason, note=form.data.note) if form.data else None
    return Sent(form, reply, declines=True)
