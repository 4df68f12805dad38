"""Rows that are establishments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.imports.columns import Columns
from services.catalog.imports.errors import (
    ExternalIdMissing,
    HeldByItsMembers,
    SiretChanged,
    SiretMissing,
    SiretOfAnother,
    SiretTwiceInTheFile,
)
from services.catalog.imports.fields import ORGANISATION_COLUMNS
from services.catalog.imports.queries import organisation_for_update, organisations_known
from services.catalog.imports.report import Outcome, Remark
from services.catalog.imports.taking import Known, Row, Taking
from services.catalog.offers.commands import tell_offers_again
from services.catalog.organisations.commands import compact_siret, register_establishment
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState
from services.catalog.organisations.places import resolved_place
from services.catalog.organisations.schemas import EstablishmentFacts
from shared.events.catalog import OrganisationUpdated, OrganisationVerified
from shared.events.facts import Origin, Permit
from shared.messaging.outbox import record
from shared.phrases.names import ORGANISATION_ROLES, PERMITS, SUPPLIER_KINDS
from shared.territory import gazetteer
from shared.territory.gazetteer import Ambiguous
from shared.territory.place import Place, distance_km

MADE_UP = (Origin.DEMONSTRATION, Origin.SYNTHETIC)
# Coordinates further than this from the commune named beside them are a geocoder's mistake (Beaucaire, 425 km off, in
# a register of 2020); where the list itself has only an EPCI's or a department's centre, that may be as far.
FURTHEST_KM = {"commune": 30.0, "epci": 60.0, "department": 150.0}


class OrganisationRow(EstablishmentFacts):
    """An establishment as a file describes it."""

    siret: Annotated[str, StringConstraints(max_length=40)] = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: Annotated[str, StringConstraints(max_length=200)] = ""
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    website: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://\S+$")] | None = None
    naf: str | None = None
    permits: list[Permit] = []
    may_issue_receipts: bool = False
    verified: bool = False

    @field_validator("naf")
    @classmethod
    def _naf_code(cls, value: str | None) -> str | None:
        plain = re.sub(r"[.\s]", "", value or "").upper()
        if plain and not re.fullmatch(r"\d{4}[A-Z]", plain):
            raise ValueError("Un code NAF compte quatre chiffres et une lettre, par exemple 16.24Z.")
        return plain or None

    @field_validator("kinds", "roles")
    @classmethod
    def _all_of_the_list(cls, value: list[str], info: Any) -> list[str]:
        known = SUPPLIER_KINDS if info.field_name == "kinds" else ORGANISATION_ROLES
        if any(each not in known for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value

    @field_validator("permits")
    @classmethod
    def _known_permits(cls, value: list[Permit]) -> list[Permit]:
        if any(each.code not in PERMITS for each in value):
            raise ValueError("Choisissez une des réponses proposées.")
        return value


class OrganisationKind:
    """Establishments: known by external id, else by SIRET."""

    name = "organisations"
    columns: Columns = ORGANISATION_COLUMNS

    def read(self, typed: Mapping[str, str], values: dict[str, object], *, line: int, origin: Origin) -> Row:
        """The row; without an external id the SIRET is one."""
        external_id = str(values.pop("external_id", ""))
        data = OrganisationRow.model_validate(values)
        if data.siret:
            data.siret = compact_siret(data.siret)
        elif origin not in MADE_UP:
            raise SiretMissing
        if not external_id and not data.siret:
            raise ExternalIdMissing
        return Row(line, external_id or data.siret, typed, data)

    async def batch(self, taking: Taking, rows: Sequence[Row]) -> OrganisationBatch:
        """Organisations these rows may be about."""
        sirets = [row.data.siret for row in rows if row.data.siret]
        found = await organisations_known(taking.session, [row.external_id for row in rows], sirets)
        return OrganisationBatch(taking, found)


class OrganisationBatch:
    """Establishments of one batch, by external id and by SIRET; a new one is stored before all of it was checked."""

    is_tidy = False

    def __init__(self, taking: Taking, found: Sequence[Any]) -> None:
        self._taking = taking
        self._by_id = {each.external_id: each for each in found if each.external_id}
        self._by_siret = {each.siret: each for each in found if each.siret}
        self._registered: dict[str, int] = {}

    def scope(self, _: Row) -> UUID | None:
        """External ids of organisations are unique everywhere."""
        return None

    def known(self, row: Row) -> Known | None:
        """The organisation of a row, unless it is another's or its members'."""
        siret = row.data.siret
        if siret in self._registered:
            raise SiretTwiceInTheFile(siret=siret, line=self._registered[siret])
        same = self._by_siret.get(siret)
        found = self._by_id.get(row.external_id) or same
        if found is None:
            return None
        if same is not None and (same.id != found.id or same.external_id not in (None, row.external_id)):
            raise SiretOfAnother(siret=siret, name=same.name, external_id=same.external_id)
        if found.is_held and found.digest != row.digest:
            raise HeldByItsMembers(name=found.name)
        return Known(found.id, found.digest)

    async def create(self, row: Row) -> UUID:
        """Register the establishment."""
        data: OrganisationRow = row.data
        session, now = self._taking.session, self._taking.now
        organisation = await register_establishment(
            session,
            data,
            siret=data.siret or None,
            place=_place_of(data, row.line, self._taking),
            now=now,
            origin=self._taking.origin,
            external_id=row.external_id,
        )
        _describe(organisation, data)
        if data.may_issue_receipts:
            organisation.legal_entity.may_issue_receipts = True
            await record(session, organisation.legal_entity.changed())
        if data.verified:
            organisation.state = OrganisationState.VERIFIED
            await record(session, organisation.tell(OrganisationVerified, now))
        await note(session, None, organisation.id, "organisation.imported", about=organisation.id)
        if data.siret:
            self._registered[data.siret] = row.line
        return organisation.id

    async def update(self, row: Row, known: Known) -> Outcome:
        """Change the establishment, and tell its offers again, which carry who stands behind them."""
        data: OrganisationRow = row.data
        session, now = self._taking.session, self._taking.now
        organisation = await organisation_for_update(session, known.record_id)
        if data.siret and organisation.siret and data.siret != organisation.siret:
            raise SiretChanged(name=organisation.name, siret=organisation.siret)
        organisation.external_id, organisation.name = row.external_id, data.organisation_name
        organisation.place = _place_of(data, row.line, self._taking)
        organisation.roles = sorted(set(data.roles))
        _describe(organisation, data)
        await _change_entity(session, organisation.legal_entity, data)
        await record(session, _told_again(organisation, data, now))
        await tell_offers_again(session, organisation, now=now)
        await note(session, None, organisation.id, "organisation.updated", about=organisation.id)
        return "updated"


async def _change_entity(session: AsyncSession, entity: LegalEntity, data: OrganisationRow) -> None:
    """Kinds are only added and receipts only allowed: another establishment of the entity may be why they are there."""
    kinds = sorted({*entity.kinds, *data.kinds})
    receipts = data.may_issue_receipts or entity.may_issue_receipts
    if (kinds, receipts) == (sorted(entity.kinds), entity.may_issue_receipts):
        return
    entity.kinds, entity.may_issue_receipts = kinds, receipts
    await record(session, entity.changed())


def _describe(organisation: Organisation, data: OrganisationRow) -> None:
    organisation.description = data.description
    organisation.website, organisation.naf = data.website, data.naf
    organisation.permits = [permit.model_dump(mode="json", exclude_none=True) for permit in data.permits]


def _told_again(organisation: Organisation, data: OrganisationRow, now: datetime) -> Any:
    if data.verified and organisation.state is OrganisationState.REGISTERED:
        organisation.state = OrganisationState.VERIFIED
        return organisation.tell(OrganisationVerified, now)
    return organisation.tell(OrganisationUpdated, now)


def _place_of(data: OrganisationRow, line: int, taking: Taking) -> Place:
    """The commune named; coordinates beside it make it an address, unless they lie somewhere else."""
    if data.latitude is None or data.longitude is None:
        return resolved_place(data.place)

    def exact(commune: Place) -> Place:
        point = {"latitude": data.latitude, "longitude": data.longitude, "exactness": "address"}
        return commune.model_copy(update=point | {"label": data.address or commune.label})

    found = gazetteer.resolve(data.place)
    if isinstance(found, Ambiguous):
        # Of communes that share a postcode or a name, the point says which one is meant.
        nearest = min(found.candidates, key=lambda each: distance_km(each, exact(each)))
        if distance_km(nearest, exact(nearest)) <= FURTHEST_KM[nearest.exactness]:
            return exact(nearest)
    place = resolved_place(data.place)
    off = distance_km(place, exact(place))
    if off <= FURTHEST_KM[place.exactness]:
        return exact(place)
    why = f"Les coordonnées sont à {off:.0f} km de {place.commune_name} : elles sont laissées de côté."
    taking.remarks.append(Remark(line, "latitude", why))
    return place


ORGANISATIONS = OrganisationKind()
