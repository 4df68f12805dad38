"""One page as somebody looks at it, and the names that the tables of pages share."""

from dataclasses import dataclass
from typing import Any

from tests.browser.no_pages import Route


@dataclass(frozen=True)
class Look:
    """One page in one state; `address` names things of the cast in braces, `press` a button to press first.

    `fills` is a field to fill in before that, and with what.
    """

    name: str
    who: str
    address: str
    route: Route
    status: int = 200
    press: str | None = None
    fills: tuple[str, str] | None = None
    shows: str | None = None


def looks(who: str, *rows: tuple[Any, ...]) -> list[Look]:
    """`rows` are a name, an address, the route unless it is the address, and then what `Look` says."""
    found = []
    for name, address, *more in rows:
        options = more.pop() if more and isinstance(more[-1], dict) else {}
        route = str(more[0] if more else address).partition("?")[0]
        found.append(Look(str(name), who, str(address), route.rstrip("/") or "/", **options))
    return found


REFUSED = {"status": 422}
LIVE_MAP = ".map.is-live"
A_MAP = {"shows": LIVE_MAP}
# The form that the page is about, sent as it stands.
SENT_AS_IT_IS = {"press": "main form [type=submit]", **REFUSED}
NEED, FLOW, OFFER = "/needs/{need_id}", "/flows/{flow_id}", "/offers/{offer_id}"
ORGANISATION = "/organisations/{organisation_id}"
FACTORS, INVITATION = "/account/second-factor", "/invitations/{link_id}"
FACTOR, LINK = FACTORS + "/{factor_id}", "/links/{link_id}"
CLAIM, CLAIM_LETTER, TO_CLAIM = "/claims/{claim_id}", "/claims/links/{link_id}", ORGANISATION + "/claim"
IMPORT, STOP = "/imports/{import_id}", "/notifications/unsubscribe/{delivery_id}"
HOOKS, HOOK = "/notifications/webhooks", "/notifications/webhooks/{webhook_id}"
CALL = "/calls/{call_id}"
GIFT, GIFT_PAPER = "/gifts/{gift_id}", "/gifts/papers/{paper_id}/replace"
CAMPAIGN = "/campaigns/{campaign_id}"
PROPOSAL = "/proposals/{proposal_id}"
HISTORY = "/matching/demands/{demand_id}/history"
DEMAND, DEMAND_FLOW = "/matching/needs/{demand_id}", "/matching/flows/{demand_id}"
LOT, TAKING = "/flows/lots/{lot_id}", "/takings/{taking_id}"
QUESTION, ON_NEED, ON_FLOW = "/questions/{question_id}", "/needs/{row_id}/questions", "/flows/{row_id}/questions"
