"""What a campaign and a pledge are made of, as they are asked and as JSON."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from msgspec import Struct
from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from services.catalog.campaigns.models import Campaign, Counterpart, Step
from services.catalog.campaigns.pledge import Pledge
from services.catalog.posting.schemas import LongText, ShortText, Text, suggested_categories
from shared.events.campaigns import Rule
from shared.vocabulary import categories
from shared.web.asked import Asked, Row

MOST_STEPS = 6
MOST_COUNTERPARTS = 4
MOST_EUROS = 10_000_000


def _plain(value: object) -> object:
    return "".join(value.split()).replace(",", ".").removesuffix("€") if isinstance(value, str) else value


Euros = Annotated[Decimal, BeforeValidator(_plain), Field(gt=0, le=MOST_EUROS, decimal_places=2)]
Worth = Annotated[Decimal, BeforeValidator(_plain), Field(ge=0, le=MOST_EUROS, decimal_places=2)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


def cents(euros: Decimal | None) -> int | None:
    """Integer cents."""
    return None if euros is None else int(euros * 100)


class StepAsked(Row):
    """What an amount allows."""

    step_euros: Euros
    step_words: Line


class CounterpartAsked(Row):
    """What is given back for a pledge from an amount on, and what it is worth; 0 for thanks alone."""

    from_euros: Euros
    counterpart_words: Line
    worth_euros: Worth


class CampaignDraft(Asked):
    """A campaign; everything may be missing until it is published. Money is in euros, both days are included."""

    title: Text = ""
    description: LongText = ""
    categories: list[str] = Field(default=[], max_length=20)
    goal_euros: Euros | None = None
    rule: Rule = Rule.ALL_OR_NOTHING
    threshold_euros: Euros | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    steps: Annotated[list[StepAsked], Field(max_length=MOST_STEPS)] = []
    counterparts: Annotated[list[CounterpartAsked], Field(max_length=MOST_COUNTERPARTS)] = []

    @field_validator("categories")
    @classmethod
    def _in_the_vocabulary(cls, value: list[str]) -> list[str]:
        if any(each not in categories() for each in value):
            raise ValueError("Une des catégories n'existe pas. Choisissez dans la liste.")
        return value

    def columns(self) -> dict[str, Any]:
        """The values for the table; suggested categories when none was chosen."""
        values = self.model_dump(exclude={"goal_euros", "threshold_euros", "steps", "counterparts"})
        if not self.categories and (self.title or self.description):
            values["categories"] = suggested_categories(self.title, self.description)
        is_kept = self.rule is Rule.KEEP
        return {
            **values,
            "goal_cents": cents(self.goal_euros),
            "threshold_cents": None if is_kept else cents(self.threshold_euros),
            "steps": sorted(Step(int(each.step_euros * 100), each.step_words) for each in self.steps),
            "counterparts": sorted(
                Counterpart(int(each.from_euros * 100), each.counterpart_words, int(each.worth_euros * 100))
                for each in self.counterparts
            ),
        }


class WordsAsked(Asked):
    """What of a published campaign may still be said otherwise."""

    description: LongText = ""
    categories: list[str] = Field(default=[], max_length=20)

    @field_validator("categories")
    @classmethod
    def _in_the_vocabulary(cls, value: list[str]) -> list[str]:
        if not value or any(each not in categories() for each in value):
            raise ValueError("Une des catégories n'existe pas. Choisissez dans la liste.")
        return value

    @field_validator("description")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value:
            raise ValueError("À remplir.")
        return value

    def columns(self) -> dict[str, Any]:
        """The values for the table."""
        return self.model_dump()


class CancelAsked(Asked):
    """Why a campaign is called off; nobody reads it of one that was never shown."""

    reason: ShortText = ""


class PledgeAsked(Asked):
    """What a company promises; anonymous to the public, never to whose campaign it is."""

    amount_euros: Euros
    is_anonymous: bool = False
    without_counterpart: bool = False
    words: Words = ""

    def columns(self) -> dict[str, Any]:
        """The values for the table."""
        values = self.model_dump(exclude={"amount_euros", "campaign_id"})
        return {**values, "amount_cents": int(self.amount_euros * 100)}


class PledgeTo(PledgeAsked):
    """The same, with the campaign it is for."""

    campaign_id: UUID


class StepOut(Struct, frozen=True):
    """What an amount allows."""

    cents: int
    words: str


class CounterpartOut(Struct, frozen=True):
    """What is given back for a pledge from an amount on, and what it is worth."""

    from_cents: int
    words: str
    value_cents: int


class CampaignOut(Struct, frozen=True):
    """A campaign; what is pledged are promises, what is received was confirmed by whoever received it."""

    id: UUID
    version: int
    state: str
    organisation_id: UUID
    organisation_name: str
    title: str
    description: str
    categories: list[str]
    rule: str
    goal_cents: int | None
    threshold_cents: int | None
    pledged_cents: int
    received_cents: int
    pledges: int
    currency: str
    steps: list[StepOut]
    counterparts: list[CounterpartOut]
    starts_on: date | None
    ends_on: date | None
    reason: str
    published_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, campaign: Campaign, received_cents: int) -> "CampaignOut":
        """The JSON of a campaign whose organisation is loaded."""
        same = (
            *("id", "version", "state", "organisation_id", "title", "description", "categories", "rule"),
            *("goal_cents", "pledged_cents", "pledges", "starts_on", "ends_on", "reason", "published_at", "ended_at"),
        )
        return cls(
            **{name: getattr(campaign, name) for name in same},
            organisation_name=campaign.organisation.name,
            threshold_cents=campaign.enough_cents,
            received_cents=received_cents,
            currency="EUR",
            steps=[StepOut(*each) for each in campaign.steps],
            counterparts=[CounterpartOut(*each) for each in campaign.counterparts],
        )


class Campaigns(Struct, frozen=True):
    """One page of campaigns; `next` is the cursor of the following one."""

    items: list[CampaignOut]
    next: str | None


class PledgeOut(Struct, frozen=True):
    """A pledge, for its two organisations."""

    id: UUID
    version: int
    state: str
    campaign_id: UUID
    campaign_title: str
    organisation_id: UUID
    supporter_id: UUID
    supporter_name: str
    amount_cents: int
    received_cents: int
    currency: str
    is_anonymous: bool
    without_counterpart: bool
    words: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, pledge: Pledge, received_cents: int = 0) -> "PledgeOut":
        """The JSON of a pledge whose campaign and supporter are loaded."""
        same = (
            *("id", "version", "state", "campaign_id", "organisation_id", "supporter_id", "amount_cents"),
            *("is_anonymous", "without_counterpart", "words", "created_at", "updated_at"),
        )
        return cls(
            **{name: getattr(pledge, name) for name in same},
            campaign_title=pledge.campaign.title,
            supporter_name=pledge.supporter.name,
            received_cents=received_cents,
            currency="EUR",
        )


class Pledges(Struct, frozen=True):
    """One page of pledges; `next` is the cursor of the following one."""

    items: list[PledgeOut]
    next: str | None
