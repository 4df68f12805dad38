"""What a hard second reader of agreements found: who reads whose words, which year it was, whose side is signed for."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.catalog.agreements.content import Milestone
from services.catalog.agreements.paper import on_paper, reference_of
from shared.database.acting import act
from tests.services.catalog.agreeing import cancelled, chosen, concluded, document_of, sign, stored
from tests.services.catalog.conftest import SIRETS, SignUp
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import accepted, made, proposed, rejected
from tests.services.catalog.suppliers import a_need, ids_of
from tests.services.catalog.test_agreements_states import a_content, a_party, an_agreement
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

STRANGE = "🪵 回收 ﷽ א \u202e \"'#[]*_$@\\ <b>" + "x" * 120


async def test_a_word_to_the_other_side_is_no_co_contractors_by_any_way(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, sign_up: SignUp
) -> None:
    partner = await sign_up(organisation_name="Vaisselle")
    proposal = await made(supplier, await a_need(buyer), co_contractors=SIRETS[2])
    assert (await post(partner, f"{proposal}/participation", takes_part="true", _version="1")).status_code == 303
    assert (await accepted(buyer, proposal)).status_code == 303
    agreement = await concluded(buyer, proposal)
    assert (await cancelled(buyer, agreement, seen=1, words="Entre nous deux")).status_code == 303
    for client, reads in ((buyer, True), (supplier, True), (partner, False)):
        assert ("Entre nous deux" in await shown(client, agreement)) is reads
        found = await client.get(f"/api/v1{agreement}")
        assert (found.status_code, found.json()["words"]) == (200, "Entre nous deux" if reads else "")


def test_its_number_is_of_the_year_that_it_is_in_paris() -> None:
    agreement, _ = an_agreement(a_content())
    agreement.concluded_at = datetime(2029, 12, 31, 23, 30, tzinfo=UTC)
    assert reference_of(agreement).startswith("2030-")


async def test_what_was_written_over_a_signature_is_kept_and_may_be_saved_after_all(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    agreement = await concluded(buyer, await chosen(buyer, supplier))
    assert (await sign(supplier, agreement)).status_code == 303
    # The form was open when the other side signed.
    stale = await post(buyer, agreement, _version=1, nature="order", terms="Deux livraisons")
    assert (stale.status_code, "Deux livraisons" in stale.text) == (422, True)
    assert "Votre saisie est gardée ci-dessous" in said(stale)
    assert "une partie a déjà signé" in said(stale).lower()
    assert 'name="_version" value="2"' in stale.text
    assert (await post(buyer, agreement, _version=2, nature="order", terms="Deux livraisons")).status_code == 303


async def test_any_letters_make_a_paper() -> None:
    party = a_party(STRANGE)
    changes: dict[str, object] = {
        **dict.fromkeys(("title", "place", "purchase_order"), STRANGE),
        "provenance": f"{STRANGE}\n" * 12, "terms": "mot " * 400, "buyer": party,
        "milestones": tuple(Milestone(label=STRANGE[:120]) for _ in range(10)),
        "co_contractors": tuple(a_party(STRANGE) for _ in range(5)),
    }  # fmt: skip
    agreement, _ = an_agreement(a_content(**changes))  # type: ignore[arg-type] # a test's own words
    for language in ("fr", "en"):
        assert len(PdfReader(BytesIO(await on_paper(agreement, language))).pages) > 1


async def test_the_database_lets_nobody_sign_for_the_other_side(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, catalog_app: Litestar
) -> None:
    """INVARIANT: a signature stands on the side of the organisation that gave it, whatever a page would write."""
    agreement = await concluded(buyer, await chosen(buyer, supplier))
    (row,), document = await stored(catalog_database), await document_of(buyer, agreement)
    member, organisation = (UUID(str(each)) for each in await ids_of(supplier, catalog_app))
    write = text(
        "INSERT INTO agreement_signatures (id, agreement_id, revision, side, organisation_id, member_id,"
        " document_sha256, signed_at) VALUES (:id, :agreement, 1, :side, :org, :member, :document, now())"
    )
    signed = {"agreement": row.id, "org": organisation, "member": member, "document": document}
    sessions = catalog_app.state.database.sessions
    for side, is_own in (("buyer", False), ("supplier", True)):
        async with sessions() as session:
            await act(session, org=organisation)
            if is_own:
                await session.execute(write, {**signed, "id": uuid4(), "side": side})
            else:
                with pytest.raises(ProgrammingError, match="row-level security"):
                    await session.execute(write, {**signed, "id": uuid4(), "side": side})
            await session.rollback()


async def test_a_hidden_authors_word_with_its_decision_does_not_name_it(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    proposal = await made(supplier, await a_need(buyer, author_hidden="true"))
    refused = await rejected(buyer, proposal, words="Bien à vous, hexaplane   systemes")
    assert (refused.status_code, "nom de votre structure" in said(refused)) == (422, True)
    assert "hexaplane   systemes" in refused.text
    assert (await rejected(buyer, proposal, words="Bien à vous")).status_code == 303


async def test_a_price_with_a_point_is_a_price_and_a_wrong_one_says_how_to_write_it(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient
) -> None:
    need = await a_need(buyer)
    wrong = await proposed(supplier, need, price_euros=["12.505", "0", ""])
    assert (wrong.status_code, "2 chiffres au plus après la virgule" in said(wrong)) == (422, True)
    proposal = await made(supplier, need, price_euros=["12.50", "0", ""])
    assert await shown(supplier, proposal)
    assert 'value="12,50"' in await shown(supplier, f"{need}/proposal")
