"""Three facts of an entity: declared with article and date, checked or refused by the territory, and what follows."""

from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.eligibility.articles import THREE, articles
from shared.phrases.names import ELIGIBILITIES
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.giving import a_checker, declared, issued, judged, ready, today, told
from tests.services.catalog.pages import said, shown
from tests.services.catalog.suppliers import ids_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated


@pytest.fixture
async def organisation(recipient: httpx.AsyncClient, catalog_app: Litestar) -> UUID:
    return (await ids_of(recipient, catalog_app))[1]


@pytest.fixture
async def coordinator(recipient: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated) -> httpx.AsyncClient:
    return await a_checker(sign_up, catalog_database, 3)


async def of_entity(database: Isolated, organisation: UUID) -> tuple[bool, int]:
    query = (
        "SELECT may_issue_receipts, e.version FROM legal_entities e JOIN organisations o ON o.legal_entity_id = e.id"
    )
    async with database.sessions() as session:
        row = (await session.execute(text(f"{query} WHERE o.id = :id"), {"id": organisation})).one()
        return row.may_issue_receipts, row.version


def test_each_fact_has_articles_with_a_source_and_the_day_it_was_read() -> None:
    assert set(articles()) == set(THREE) <= set(ELIGIBILITIES)
    for known in articles().values():
        assert known
        for each in known.values():
            assert all((*each.names, each.article, each.source, each.source_on)), each


async def test_it_is_declared_shown_to_the_territory_and_counts_once_checked(
    recipient: httpx.AsyncClient, organisation: UUID, coordinator: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    assert (await declared(recipient)).status_code == 303
    assert "Déclaré, à vérifier" in await shown(recipient, "/organisation/eligibility")
    # Matching proposes it from now on; papers wait for the check.
    assert (await of_entity(catalog_database, organisation))[0] is True
    page = await shown(coordinator, "/territory/eligibility")
    for each in ("Mobilier solidaire", "reconnue d'utilité publique", "Décret du 3 mars 2015"):
        assert each in page, each
    answer = await judged(coordinator, organisation)
    assert answer.status_code == 303, said(answer)
    assert "Justificatif vu par le territoire" in await shown(recipient, "/organisation/eligibility")
    assert "Aucune déclaration n'attend" in await shown(coordinator, "/territory/eligibility")
    assert [verb for verb, _ in await told(catalog_database, "catalog.eligibility.%")] == ["declared", "checked"]
    (fact, *_) = (await recipient.get("/api/v1/eligibility")).json()["facts"]
    assert (fact["code"], fact["standing"], fact["article_text"]) == (
        "tax_receipts", "checked", "CGI, art. 238 bis, 1, a",
    )  # fmt: skip


async def test_declared_again_unchanged_it_stays_checked_and_otherwise_waits_anew(
    recipient: httpx.AsyncClient, organisation: UUID, coordinator: httpx.AsyncClient
) -> None:
    await declared(recipient)
    await judged(coordinator, organisation)
    await declared(recipient)
    assert "Aucune déclaration" in await shown(coordinator, "/territory/eligibility")
    await declared(recipient, decision="Autre décret")
    assert "Autre décret" in await shown(coordinator, "/territory/eligibility")


async def test_refused_it_holds_no_more_and_its_organisation_reads_why(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, organisation: UUID, coordinator: httpx.AsyncClient,
    catalog_database: Isolated,
) -> None:  # fmt: skip
    """INVARIANT: no receipt on what a coordinator refused."""
    gift = await ready(donor, recipient, catalog_database)
    assert (await judged(coordinator, organisation, finding="refused")).status_code == 422
    refused = await judged(coordinator, organisation, finding="refused", words="Le décret est introuvable.")
    assert refused.status_code == 303
    page = await shown(recipient, "/organisation/eligibility")
    assert "Le décret est introuvable." in page
    assert (await of_entity(catalog_database, organisation))[0] is False
    assert "n'est pas déclarée et vérifiée" in said(await issued(recipient, gift))
    # Saying its statuses anew brings it not back.
    await post(recipient, "/organisation/statuses", eligibilities=["tax_receipts"], source_tax_receipts="decision")
    assert (await of_entity(catalog_database, organisation))[0] is False


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"article": "nothing"}, "article", "Choisissez l'article"),
        ({"decision": ""}, "decision", "Donnez le décret"),
        ({"decided_on": ""}, "decided_on", "Donnez la date"),
        ({"decided_on": "2031-01-01"}, "decided_on", "aujourd'hui au plus tard"),
        ({"expires_on": "2020-01-01"}, "expires_on", "La fin est aujourd'hui au plus tôt"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    recipient: httpx.AsyncClient, changes: dict[str, str], field: str, sentence: str
) -> None:
    answer = await declared(recipient, **changes)
    assert (answer.status_code, sentence in said(answer)) == (422, True)
    assert f'id="{field}"' in answer.text


async def test_nobody_else_declares_or_checks(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, organisation: UUID, coordinator: httpx.AsyncClient,
    catalog_app: Litestar,
) -> None:  # fmt: skip
    await declared(recipient)
    for stranger in (donor, recipient):
        assert (await judged(stranger, organisation)).status_code == 403
        assert (await stranger.get("/territory/eligibility")).status_code == 403
    await declared(coordinator)
    own = (await ids_of(coordinator, catalog_app))[1]
    assert "Une autre personne" in said(await judged(coordinator, own))
    unread = await judged(coordinator, organisation, stated_on="2020-01-01")
    assert "a changé depuis" in said(unread)
    assert today()
