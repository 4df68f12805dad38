"""What catalog tells: organisations, members and how they sign in, needs, offers, flows and their lots."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.event import Event
from shared.events.facts import (
    Author,
    LegalStatus,
    NeedKind,
    Origin,
    Permit,
    Quantity,
    SocialClause,
    Supplier,
    Window,
)
from shared.events.levels import ManyLevels, OneLevel, TellsLevel, TellsLevels
from shared.territory.place import Place, Zone


class EntityChanged(Event, type="catalog.entity.changed.v1", aggregate="legal_entity_id"):
    """A legal entity is known or its facts changed."""

    legal_entity_id: UUID
    siren: str | None
    name: str
    kinds: tuple[str, ...] = ()
    may_issue_receipts: bool = False


class _OrganisationState(Event):
    organisation_id: UUID
    legal_entity_id: UUID
    siret: str | None
    name: str
    roles: tuple[str, ...]
    place: Place
    verified: bool = False
    origin: Origin = Origin.MEMBER


class OrganisationRegistered(
    _OrganisationState, type="catalog.organisation.registered.v1", aggregate="organisation_id"
):
    """An establishment is on Boucle."""


class OrganisationUpdated(_OrganisationState, type="catalog.organisation.updated.v1", aggregate="organisation_id"):
    """An establishment's facts changed."""


class OrganisationVerified(_OrganisationState, type="catalog.organisation.verified.v1", aggregate="organisation_id"):
    """A coordinator checked the establishment."""


class OrganisationSuspended(_OrganisationState, type="catalog.organisation.suspended.v1", aggregate="organisation_id"):
    """The establishment may not act any more."""


class _MemberState(Event):
    member_id: UUID
    organisation_id: UUID
    role: str


class MemberJoined(_MemberState, type="catalog.member.joined.v1", aggregate="member_id"):
    """A person may act for an organisation."""


class MemberChanged(_MemberState, type="catalog.member.changed.v1", aggregate="member_id"):
    """The person's role changed."""


class MemberLeft(_MemberState, type="catalog.member.left.v1", aggregate="member_id", lasts=False):
    """The person may not act for the organisation any more."""


class SessionRevoked(Event, type="catalog.session.revoked.v1", aggregate="session_id", lasts=False):
    """A session ended before its time: its token is refused from now on."""

    session_id: UUID


class LinkPurpose(StrEnum):
    """What the link in a letter is for; events tell it as a plain code, so that there may be more of them."""

    SIGN_IN = "sign_in"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose
    CONFIRM_EMAIL = "confirm_email"
    CHANGE_EMAIL = "change_email"
    INVITATION = "invitation"
    CLAIM = "claim"


class LinkRequested(Event, type="catalog.link.requested.v1", aggregate="link_id"):
    """A letter with a link is to leave at once; neither its address nor its secret is told here.

    Without a member nobody has the address that was typed: whoever asks must not be able to tell.
    """

    link_id: UUID
    member_id: UUID | None
    organisation_id: UUID | None
    purpose: str
    language: str
    expires_at: datetime


class AccountChange(StrEnum):
    """What changed about how a person signs in or for whom they act; a plain code in events as well."""

    PASSWORD = "password"  # noqa: S105 - a kind of change
    EMAIL_ASKED = "email_asked"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODE_USED = "recovery_code_used"
    JOIN_ASKED = "join_asked"
    JOIN_STILL_ASKED = "join_still_asked"
    CLAIM_GRANTED = "claim_granted"
    CLAIM_REFUSED = "claim_refused"
    JOIN_WAITS = "join_waits"
    CLAIM_WAITS = "claim_waits"
    CLAIM_LAPSED = "claim_lapsed"


class AccountChanged(Event, type="catalog.account.changed.v1", aggregate="change_id"):
    """How a person signs in, or for whom they may act, changed or is asked to: they are told."""

    change_id: UUID
    member_id: UUID
    organisation_id: UUID
    change: str
    changed_at: datetime


class NeedState(Event):
    """A need as readers may know it."""

    need_id: UUID
    author: Author
    kind: NeedKind
    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    ewc: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    place: Place
    radius_km: int | None = None
    quantity: Quantity | None = None
    window: Window = Window()
    deadline_on: date | None = None
    service_type: str | None = None
    procurement_mode: str | None = None
    amount_band: str | None = None
    supplier_kinds: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    receipt_wanted: bool = False
    public_tender: bool = False
    tender_url: str | None = None
    means: str | None = None
    social_clause: SocialClause | None = None
    origin: Origin = Origin.MEMBER
    published_at: datetime

    @property
    def organisation_id(self) -> UUID:
        """The author's organisation."""
        return self.author.organisation_id


class NeedPublished(NeedState, type="catalog.need.published.v1", aggregate="need_id"):
    """A need is open to answers."""


class NeedUpdated(NeedState, type="catalog.need.updated.v1", aggregate="need_id"):
    """An open need changed."""


class NeedSubmitted(Event, type="catalog.need.submitted.v1", aggregate="need_id"):
    """A need of an organisation that nobody has verified waits for a coordinator's look."""

    need_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str


class NeedReturned(Event, type="catalog.need.returned.v1", aggregate="need_id"):
    """A coordinator asks a need's author for changes before it is shown."""

    need_id: UUID
    organisation_id: UUID
    title: str
    words: str


class Ending(StrEnum):
    """The coded outcome without which no need closes."""

    AGREED_HERE = "agreed_here"
    AGREED_ELSEWHERE = "agreed_elsewhere"
    NO_SUPPLIER = "no_supplier"
    PRICE = "price"
    DELAY = "delay"
    CAPACITY = "capacity"
    QUALITY = "quality"
    WITHDRAWN = "withdrawn"


class NeedWithdrawn(Event, type="catalog.need.withdrawn.v1", aggregate="need_id", whole=False, lasts=False):
    """The author took the need back."""

    need_id: UUID
    organisation_id: UUID


class NeedClosed(Event, type="catalog.need.closed.v1", aggregate="need_id", whole=False, lasts=False):
    """The need ended with a coded outcome."""

    need_id: UUID
    organisation_id: UUID
    outcome: Ending
    would_have_consulted: bool | None = None


class FlowState(TellsLevels, Event):
    """A flow as readers may know it; `price_cents` is per `quantity.unit`, negative when the holder pays the taker."""

    flow_id: UUID
    author: Author
    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    ewc: tuple[str, ...] = ()
    legal_status: LegalStatus
    place: Place
    radius_km: int | None = None
    quantity: Quantity
    minimum: Quantity | None = None
    recurrence: str | None = None
    window: Window = Window()
    levels: ManyLevels = ()
    supplier_kinds: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    receipt_wanted: bool = False
    price_cents: int | None = None
    currency: str = "EUR"
    condition: str | None = None
    packaging: str | None = None
    transport: str | None = None
    use_by_on: date | None = None
    priority_percent: int | None = None
    origin: Origin = Origin.MEMBER
    published_at: datetime

    @property
    def organisation_id(self) -> UUID:
        """The holder's organisation."""
        return self.author.organisation_id


class FlowPublished(FlowState, type="catalog.flow.published.v1", aggregate="flow_id"):
    """A flow is open to takers."""


class FlowUpdated(FlowState, type="catalog.flow.updated.v1", aggregate="flow_id"):
    """An open flow changed, or runs again after a pause."""


class FlowSubmitted(Event, type="catalog.flow.submitted.v1", aggregate="flow_id"):
    """A flow of an organisation that nobody has verified waits for a coordinator's look."""

    flow_id: UUID
    organisation_id: UUID
    organisation_name: str
    title: str


class FlowReturned(Event, type="catalog.flow.returned.v1", aggregate="flow_id"):
    """A coordinator asks a flow's holder for changes before it is shown."""

    flow_id: UUID
    organisation_id: UUID
    title: str
    words: str


class _FlowStopped(Event):
    flow_id: UUID
    organisation_id: UUID


class FlowPaused(_FlowStopped, type="catalog.flow.paused.v1", aggregate="flow_id", whole=False):
    """The flow releases no lot for now."""


class FlowTaken(_FlowStopped, type="catalog.flow.taken.v1", aggregate="flow_id", whole=False):
    """Nothing of it is left to take, nor to come; `catalog.flow.updated.v1` tells when something is freed."""


class FlowWithdrawn(_FlowStopped, type="catalog.flow.withdrawn.v1", aggregate="flow_id", whole=False, lasts=False):
    """The flow ended."""


class LotState(Event):
    """One dated part of a flow; it is gone after `expires_at`.

    `left` is how much of `quantity`, in its unit, nobody has taken or keeps; None was told before lots were taken here.
    After `use_by_on` nobody eats it.
    """

    lot_id: UUID
    flow_id: UUID
    organisation_id: UUID
    quantity: Quantity
    left: Decimal | None = None
    available_at: datetime
    expires_at: datetime
    use_by_on: date | None = None


class LotReleased(LotState, type="catalog.lot.released.v1", aggregate="lot_id"):
    """A lot may be taken."""


class LotChanged(LotState, type="catalog.lot.changed.v1", aggregate="lot_id"):
    """A released lot's quantity or dates changed, or what is left of it."""


class LotExpired(LotState, type="catalog.lot.expired.v1", aggregate="lot_id", lasts=False):
    """Nobody took the lot, or the rest of it, in time."""


class OfferState(TellsLevel, Event):
    """An offer: a standing promise, with who stands behind it."""

    offer_id: UUID
    supplier: Supplier
    title: str
    description: str = ""
    need_kinds: tuple[NeedKind, ...]
    takes_material: bool = False
    categories: tuple[str, ...] = ()
    ewc: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    naf: tuple[str, ...] = ()
    zones: tuple[Zone, ...]
    capacity: Quantity | None = None
    minimum: Quantity | None = None
    window: Window = Window()
    service_types: tuple[str, ...] = ()
    permits: tuple[Permit, ...] = ()
    level: OneLevel | None = None
    lead_days: int | None = None
    fetches: bool | None = None
    blocked: tuple[UUID, ...] = ()
    origin: Origin = Origin.MEMBER
    published_at: datetime

    @property
    def organisation_id(self) -> UUID:
        """The supplier's organisation."""
        return self.supplier.organisation_id


class OfferPublished(OfferState, type="catalog.offer.published.v1", aggregate="offer_id"):
    """An offer is open to be matched."""


class OfferUpdated(OfferState, type="catalog.offer.updated.v1", aggregate="offer_id"):
    """An open offer (or who stands behind it) changed, or runs again after a pause."""


class _OfferStopped(Event):
    offer_id: UUID
    organisation_id: UUID


class OfferPaused(_OfferStopped, type="catalog.offer.paused.v1", aggregate="offer_id", whole=False):
    """The offer is not matched for now."""


class OfferWithdrawn(_OfferStopped, type="catalog.offer.withdrawn.v1", aggregate="offer_id", whole=False, lasts=False):
    """The offer ended."""
