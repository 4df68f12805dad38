"""What a coordinator is asked."""

from services.catalog.organisations.proof import Proof
from services.catalog.posting.schemas import ShortText
from services.catalog.territory.models import Finding
from shared.web.asked import Asked


class Verdict(Asked):
    """The end of a look at an organisation."""

    finding: Finding
    proof: Proof | None = None
    words: ShortText = ""


class Checking(Asked):
    """The statuses whose proof a coordinator saw."""

    codes: list[str] = []


class SendingBack(Asked):
    """What has to change in a need or a flow before it is shown."""

    words: ShortText = ""
