"""What a claim asks, and what answering one does; claims as JSON."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Struct
from pydantic import StringConstraints

from services.catalog.accounts.schemas import WithEmail
from services.catalog.claims.models import Claim
from services.catalog.organisations.proof import Proof
from services.catalog.posting.schemas import ShortText
from shared.identity import Role
from shared.web.asked import Asked


class Asking(Asked):
    """Who one is there, in a few words for whoever answers."""

    words: ShortText = ""


class Claiming(Asking):
    """The same, by a program: which organisation."""

    organisation_id: UUID


class AddressThere(WithEmail):
    """An address at the organisation's own domain."""


class CodeTyped(Asked):
    """The code of a letter on paper."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Accepting(Asked):
    """As what somebody joins the team."""

    role: Role = Role.EDITOR


class Declining(Asked):
    """Why not."""

    words: ShortText = ""


class Answer(StrEnum):
    """What a coordinator answers: the claimant becomes an owner beside the team or in its place, or does not."""

    BESIDE = "beside"
    INSTEAD = "instead"
    REFUSED = "refused"


class Decision(Asked):
    """The end of a coordinator's look at a claim."""

    answer: Answer
    proof: Proof | None = None
    words: ShortText = ""


class ClaimOut(Struct, frozen=True):
    """A claim as whoever made it reads it."""

    id: UUID
    version: int
    organisation_id: UUID
    way: str
    state: str
    words: str
    reply: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, claim: Claim) -> "ClaimOut":
        """The JSON of a claim."""
        return cls(
            id=claim.id,
            version=claim.version,
            organisation_id=claim.organisation_id,
            way=claim.way,
            state=claim.state,
            words=claim.words,
            reply=claim.reply,
            created_at=claim.created_at,
            ended_at=claim.ended_at,
        )
