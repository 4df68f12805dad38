"""The pledges of a campaign as rows of text, for CSV and XLSX files."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from services.catalog.campaigns.view import PledgeLine, plain
from shared.web import i18n
from shared.web.pages import Req, gettext


def headings_of(request: Req) -> list[str]:
    """The headings, in the visitor's language."""
    say = partial(gettext, request)
    said = [say("Structure"), say("SIRET"), say("État"), say("Promis (€)"), say("Reçu (€)")]
    return [*said, say("Anonyme"), say("Contrepartie"), say("Message"), say("Promis le"), say("Modifié le")]


def row_of(line: PledgeLine, received: Mapping[UUID, int]) -> list[str]:
    """One pledge."""
    pledge = line.pledge
    return [
        pledge.supporter.name,
        pledge.supporter.siret or "",
        line.badge[0],
        plain(pledge.amount_cents),
        plain(received.get(pledge.id)),
        "1" if pledge.is_anonymous else "0",
        line.counterpart,
        pledge.words,
        i18n.exact(pledge.created_at),
        i18n.exact(pledge.updated_at),
    ]
