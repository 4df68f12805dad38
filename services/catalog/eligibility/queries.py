"""Which declarations wait for a coordinator."""

from collections.abc import Sequence

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager

from services.catalog.eligibility.articles import THREE
from services.catalog.organisations.models import LegalEntity, Organisation, OrganisationState

# Declared with its article, neither checked nor refused; what ended is not looked at.
WAITS = " || ".join(f'@.code == "{code}"' for code in THREE)
PATH = f"$[*] ? (({WAITS}) && exists(@.article) && !exists(@.checked_on) && !exists(@.refused_on))"


async def facts_waiting(session: AsyncSession, *, limit: int = 50) -> Sequence[Organisation]:
    """One establishment of each legal entity that declared something nobody looked at, by name."""
    one = aliased(Organisation)
    acts = (
        select(one.id)
        .where(one.legal_entity_id == LegalEntity.id)
        .where(one.state.in_((OrganisationState.REGISTERED, OrganisationState.VERIFIED)))
        .order_by(one.id)
        .limit(1)
    )
    query = (
        select(Organisation)
        .join(LegalEntity, LegalEntity.id == Organisation.legal_entity_id)
        .where(
            func.jsonb_path_exists(LegalEntity.fact_data, cast(PATH, JSONPATH)),
            Organisation.id == acts.scalar_subquery(),
        )
        .options(contains_eager(Organisation.legal_entity))
        .order_by(func.lower(Organisation.name), Organisation.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()
