"""The consent behind a posting as its page shows it, to whose posting it is and to coordinators."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import colleagues
from services.catalog.consents.models import Consent
from services.catalog.consents.queries import consent_about
from shared.identity import Identity
from shared.phrases.coordination import CONTACT_MEANS
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of


class ConsentShown(NamedTuple):
    """A consent in words: who noted it, when and how it was given; days with their exact form."""

    who: str
    means: str
    given: tuple[str, str]
    noted: tuple[str, str]
    words: str


class Behind(NamedTuple):
    """What a posting's page says of how it came to be posted; `is_own` to whose posting it is."""

    consent: ConsentShown | None
    is_own: bool


async def consent_behind(
    request: Req, session: AsyncSession, reader: Identity | None, *, about: UUID, whose: UUID
) -> Behind | None:
    """The consent with which something was posted; None to whom it is nothing to read."""
    if reader is None:
        return None
    is_own = reader.organisation_id == whose
    if not is_own and "territory" not in reader.roles:
        return None
    consent = await consent_about(session, about)
    return Behind(await _shown(request, session, reader, consent) if consent else None, is_own)


async def _shown(request: Req, session: AsyncSession, reader: Identity, consent: Consent) -> ConsentShown:
    language = visit_of(request).language
    return ConsentShown(
        who=await _who(request, session, reader, consent),
        means=named(CONTACT_MEANS, consent.means, language),
        given=(i18n.day(consent.given_on, language), i18n.exact(consent.given_on)),
        noted=(i18n.moment(consent.noted_at, language), i18n.exact(consent.noted_at)),
        words=consent.words,
    )


async def _who(request: Req, session: AsyncSession, reader: Identity, consent: Consent) -> str:
    """A person to their colleagues, else the organisation that they acted for, as in the log."""
    if consent.noting is None:
        return gettext(request, "Un coordinateur du territoire")
    if consent.noting.id == reader.organisation_id:
        person = dict(await colleagues(session, reader.organisation_id)).get(consent.noted_by)
        if person:
            return f"{person} ({consent.noting.name})"
    return gettext(request, "Une personne de {name}").format(name=consent.noting.name)
