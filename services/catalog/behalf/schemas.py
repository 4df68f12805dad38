"""What is asked of whoever posts for another: the consent, and the need, flow or offer itself."""

from datetime import date
from typing import Annotated

from msgspec import Struct
from pydantic import Field, StringConstraints

from services.catalog.consents.models import LONGEST_WORDS, Means
from services.catalog.flows.schemas import FlowDraft
from services.catalog.needs.schemas import NeedDraft
from services.catalog.offers.schemas import OfferDraft
from shared.web.asked import Asked

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS), Field(min_length=1)]


class Consented(Asked):
    """How somebody of the organisation was reached, what they agreed to, and when."""

    reached_by: Means = Means.PHONE
    words: Words
    given_on: date


class NeedFor(Consented):
    """A need of another organisation's."""

    need: NeedDraft


class FlowFor(Consented):
    """A flow of another organisation's."""

    flow: FlowDraft


class OfferFor(Consented):
    """An offer of another organisation's."""

    offer: OfferDraft


class PostedFor(Struct, frozen=True):
    """What was posted: its id and state, and the id of the consent."""

    id: str
    state: str
    consent_id: str
