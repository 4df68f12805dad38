"""What can be stuck, and the step that is suggested about it: decided without a database."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Why something moves no more; each has its own next step."""

    LOOK = "look"
    NEED = "need"
    FLOW = "flow"
    UNTAKEN = "untaken"
    LOT = "lot"
    PROPOSAL = "proposal"
    LAPSED = "lapsed"
    CHOSEN = "chosen"
    UNSIGNED = "unsigned"
    OVERRUN = "overrun"
    UNCONFIRMED = "unconfirmed"
    DISPUTED = "disputed"
    MISSED = "missed"
    QUESTION = "question"
    SUBSCRIPTION = "subscription"
    CALL = "call"
    SUPPLIER = "supplier"
    SILENT = "silent"


class Group(StrEnum):
    """What a list of what is stuck is filtered by."""

    LOOKS = "looks"
    NEEDS = "needs"
    FLOWS = "flows"
    AGREEMENTS = "agreements"
    COLLECTIONS = "collections"
    QUESTIONS = "questions"
    CALLS = "calls"
    ORGANISATIONS = "organisations"


GROUPS: Mapping[Group, frozenset[Kind]] = {
    Group.LOOKS: frozenset({Kind.LOOK}),
    Group.NEEDS: frozenset({Kind.NEED, Kind.PROPOSAL, Kind.LAPSED}),
    Group.FLOWS: frozenset({Kind.FLOW, Kind.UNTAKEN, Kind.LOT}),
    Group.AGREEMENTS: frozenset({Kind.CHOSEN, Kind.UNSIGNED, Kind.OVERRUN}),
    Group.COLLECTIONS: frozenset({Kind.UNCONFIRMED, Kind.DISPUTED, Kind.MISSED}),
    Group.QUESTIONS: frozenset({Kind.QUESTION}),
    Group.CALLS: frozenset({Kind.SUBSCRIPTION, Kind.CALL}),
    Group.ORGANISATIONS: frozenset({Kind.SUPPLIER, Kind.SILENT}),
}
ICONS: Mapping[Group, str] = {
    Group.LOOKS: "badge-check",
    Group.NEEDS: "clipboard-list",
    Group.FLOWS: "package-open",
    Group.AGREEMENTS: "handshake",
    Group.COLLECTIONS: "truck",
    Group.QUESTIONS: "inbox",
    Group.CALLS: "megaphone",
    Group.ORGANISATIONS: "building-2",
}
GROUP_OF: Mapping[Kind, Group] = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
# These have a step of their own in each basket; all others one for the first two, and one for the last two.
BY_BASKET = frozenset({Kind.NEED, Kind.FLOW, Kind.UNTAKEN, Kind.SILENT})
LATE = 2


def next_step(kind: Kind, basket: int, *, is_late: bool, again: date | None, today: date) -> str:
    """The code of what to do next; `basket` is 0 to 3, `is_late` says that a look is overdue.

    Whoever promised to call again on a later day does that first, except where a lot is about to be gone.
    """
    if again is not None and again > today and kind is not Kind.LOT:
        return "again"
    if kind is Kind.LOOK:
        return "look-late" if is_late else "look"
    if kind in BY_BASKET:
        return f"{kind}-{basket}"
    return f"{kind}-late" if basket >= LATE and kind is not Kind.LOT else kind.value
