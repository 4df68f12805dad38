"""An agreement from a chosen proposal: concluded, changed, signed by both, carried out, ended; and who reads it."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from shared.web.visit import IDENTITY_COOKIE
from tests.services.catalog.agreeing import (
    MILESTONES,
    both_signed,
    cancelled,
    chosen,
    conclude,
    concluded,
    document_of,
    sign,
    stored,
    told,
)
from tests.services.catalog.conftest import SIRETS, SignUp, csrf_of
from tests.services.catalog.pages import said, shown
from tests.services.catalog.proposing import made
from tests.services.catalog.suppliers import a_need, ids_of
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.support import Isolated

FREE = ["0", "0", ""]
PAYS = ["-10", "0", ""]


@pytest.fixture
async def proposal(buyer: httpx.AsyncClient, supplier: httpx.AsyncClient) -> str:
    return await chosen(buyer, supplier)


@pytest.fixture
async def agreement(buyer: httpx.AsyncClient, proposal: str) -> str:
    return await concluded(buyer, proposal, **MILESTONES)


async def audited(database: Isolated) -> list[str]:
    async with database.sessions() as session:
        found = text("SELECT action FROM audit WHERE action LIKE 'agreement.%' ORDER BY id")
        return list(await session.scalars(found))


class TestConcluding:
    async def test_it_freezes_what_was_proposed_and_who_they_are(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, catalog_database: Isolated,
        catalog_app: Litestar,
    ) -> None:  # fmt: skip
        form = await shown(buyer, f"{proposal}/agreement")
        assert 'value="order" checked' in form
        address = await concluded(buyer, proposal, purchase_order="BC-2030-12", **MILESTONES)
        (row,) = await stored(catalog_database)
        (verb, event), = await told(catalog_database)  # fmt: skip
        assert (address, verb, row.state) == (f"/agreements/{row.id}", "concluded", "concluded")
        assert event["organisation_id"] == str((await ids_of(supplier, catalog_app))[1])
        assert (event["partner_name"], event["nature"], event["total_cents"]) == (
            "Hexaplane Systèmes",
            "order",
            100_000,
        )
        assert row.content["buyer"]["siret"] == SIRETS[0]
        assert row.content["supplier"]["siren"] == SIRETS[1][:9]
        assert [each["price_cents"] for each in row.content["lines"]] == [1250, 0]
        assert [each["label"] for each in row.content["milestones"]] == ["Premier repas", "Bilan"]
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE organisations SET name = 'Autrement'"))
        page = await shown(supplier, address)
        for words in ("Hexaplane Systèmes", SIRETS[0], "BC-2030-12", "12,50 €", "À vous : lisez", "Premier repas"):
            assert words in page, words
        assert "Autrement" not in page.partition("</header>")[2].partition('id="sign"')[0]
        for action in ("sign", "cancel"):
            assert f'action="{address}/{action}"' in page, action
        assert await audited(catalog_database) == ["agreement.concluded"]

    async def test_pressed_twice_it_is_one_and_another_one_is_refused(
        self, buyer: httpx.AsyncClient, proposal: str, agreement: str, catalog_database: Isolated
    ) -> None:
        assert await concluded(buyer, proposal, **MILESTONES) == agreement
        another = await conclude(buyer, proposal, purchase_order="Autre")
        assert (another.status_code, "Un accord est déjà conclu" in said(another)) == (422, True)
        assert 'value="Autre"' in another.text
        assert len(await stored(catalog_database)) == len(await told(catalog_database)) == 1
        assert (await buyer.get(f"{proposal}/agreement")).headers["location"] == agreement

    async def test_only_a_chosen_proposal_becomes_one(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await made(supplier, await a_need(buyer))
        assert "n'est pas choisie" in await shown(buyer, f"{proposal}/agreement")
        assert (await conclude(buyer, proposal)).status_code == 422
        assert (await conclude(supplier, proposal)).status_code == 404
        assert await stored(catalog_database) == []

    async def test_who_waits_reads_for_whom(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, proposal: str, agreement: str
    ) -> None:
        assert (await supplier.get(f"{proposal}/agreement")).headers["location"] == agreement
        assert (await cancelled(buyer, agreement, seen=1)).status_code == 303
        assert "L'acheteur n'a pas encore conclu l'accord" in await shown(supplier, f"{proposal}/agreement")
        # After a cancellation there may be another one.
        assert await concluded(buyer, proposal) != agreement

    async def test_one_more_milestone_keeps_what_was_typed(
        self, buyer: httpx.AsyncClient, proposal: str, catalog_database: Isolated
    ) -> None:
        form = await conclude(buyer, proposal, then="line", **{**MILESTONES, "label": ["Un", "Deux", "Trois"]})
        assert (form.status_code, form.text.count('name="label"')) == (200, 5)
        assert 'value="Trois"' in form.text
        assert await stored(catalog_database) == []


class TestNatures:
    """What was proposed decides what an agreement may be; a refusal names its field and never advises."""

    @pytest.mark.parametrize(
        ("prices", "kind", "form", "field", "words"),
        [
            (None, "procurement", {"nature": "gift", "given_by": "supplier"}, "nature", "Un achat n'est jamais un don"),
            (None, "procurement", {"nature": "loan", "given_by": "buyer"}, "nature", "Un prêt à usage est gratuit"),
            (FREE, "procurement", {"nature": "order"}, "nature", "Une commande a un prix"),
            (PAYS, "procurement", {"nature": "gift", "given_by": "buyer"}, "nature", "c'est une cession"),
            (FREE, "procurement", {"nature": "gift"}, "given_by", "Dites qui remet"),
            (FREE, "procurement", {"nature": "partnership"}, "focus", "Dites sur quoi porte"),
            (FREE, "procurement", {"nature": "transfer", "given_by": "buyer"}, "provenance", "Dites d'où viennent"),
            (FREE, "procurement", {"nature": "loan", "given_by": "buyer"}, "ends_on", "Dites jusqu'à quand"),
            (PAYS, "procurement", {"nature": "transfer", "given_by": "supplier", "provenance": "x"}, "given_by",
             "Celui qui paie"),
        ],
    )  # fmt: skip
    async def test_what_does_not_go_together_is_said_at_its_field(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, *, prices: Any,
        kind: str, form: dict[str, str], field: str, words: str,
    ) -> None:  # fmt: skip
        changes = {"price_euros": prices} if prices else {}
        proposal = await chosen(buyer, supplier, need={"kind": kind}, **changes)
        refused = await conclude(buyer, proposal, **form)
        assert refused.status_code == 422
        assert f'href="#{field}"' in refused.text
        assert words in said(refused)
        assert await stored(catalog_database) == []

    async def test_a_public_donor_does_no_patronage(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await chosen(buyer, supplier, price_euros=FREE)
        async with catalog_database.sessions.begin() as session:
            await session.execute(
                text("UPDATE legal_entities SET siren = '213105554' WHERE siren = :s"), {"s": SIRETS[0][:9]}
            )
        refused = await conclude(buyer, proposal, nature="gift", given_by="buyer")
        assert "un donateur public ne fait pas de mécénat" in said(refused)
        assert "À vérifier" in said(refused)
        assert (await conclude(buyer, proposal, nature="gift", given_by="supplier")).status_code == 303

    async def test_a_receipt_is_issued_by_who_said_that_it_may(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        proposal = await chosen(buyer, supplier, price_euros=FREE)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE needs SET receipt_wanted = true"))
        gift = {"nature": "gift", "given_by": "buyer"}
        assert "n'a pas déclaré pouvoir en émettre" in said(await conclude(buyer, proposal, **gift))
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE legal_entities SET may_issue_receipts = true"))
        assert (await conclude(buyer, proposal, **gift)).status_code == 303


class TestSigning:
    async def test_with_the_second_signature_it_runs_and_each_side_hears_of_the_other(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, agreement: str, catalog_database: Isolated,
        catalog_app: Litestar,
    ) -> None:  # fmt: skip
        unread = await sign(supplier, agreement, has_read="")
        assert (unread.status_code, "cochez la case" in said(unread)) == (422, True)
        for _ in range(2):
            assert (await sign(supplier, agreement, document=await document_of(supplier, agreement))).status_code == 303
        page = await shown(buyer, agreement)
        assert "Par Personne 2, le" in page
        assert "À vous : lisez le document, puis signez-le." in page
        assert (await sign(buyer, agreement)).status_code == 303
        (row,) = await stored(catalog_database)
        assert (row.state, row.running_at is not None) == ("running", True)
        sides = {
            "buyer": str((await ids_of(buyer, catalog_app))[1]),
            "supplier": str((await ids_of(supplier, catalog_app))[1]),
        }
        heard = [(verb, data["organisation_id"], data["version"]) for verb, data in await told(catalog_database)]
        assert heard == [
            ("concluded", sides["supplier"], 1), ("signed", sides["buyer"], 2), ("running", sides["supplier"], 3)
        ]  # fmt: skip
        assert await audited(catalog_database) == ["agreement.concluded", "agreement.signed", "agreement.signed"]

    async def test_a_change_makes_signatures_void_and_tells_both(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, agreement: str, catalog_database: Isolated
    ) -> None:
        old = await document_of(supplier, agreement)
        assert (await sign(supplier, agreement)).status_code == 303
        assert "annule sa signature" in await shown(buyer, f"{agreement}/edit")
        changed = {"nature": "order", "_version": 2, "purchase_order": "BC-2"}
        assert (await post(buyer, agreement, **changed)).status_code == 303
        assert (await post(buyer, agreement, **changed)).status_code == 303
        assert [verb for verb, _ in await told(catalog_database)] == ["concluded", "signed", "changed", "changed"]
        assert {data["signatures_void"] for verb, data in await told(catalog_database) if verb == "changed"} == {True}
        stale = await sign(buyer, agreement, document=old)
        assert (stale.status_code, "L'accord a changé" in said(stale)) == (422, True)
        assert (await sign(buyer, agreement)).status_code == 303
        (row,) = await stored(catalog_database)
        assert (row.state, row.revision) == ("concluded", 2)
        assert (await sign(supplier, agreement)).status_code == 303
        bound = await post(buyer, agreement, _version=9, nature="order")
        assert (bound.status_code, "ne change plus" in said(bound)) == (422, True)
        assert (await buyer.get(f"{agreement}/edit")).headers["location"] == agreement

    async def test_who_did_not_write_it_changes_nothing(self, supplier: httpx.AsyncClient, agreement: str) -> None:
        assert (await supplier.get(f"{agreement}/edit")).status_code == 403
        assert (await post(supplier, agreement, _version=1, nature="gift")).status_code == 403

    async def test_a_form_from_before_a_change_is_told_so_and_kept(
        self, buyer: httpx.AsyncClient, agreement: str
    ) -> None:
        assert (await post(buyer, agreement, _version=1, nature="order", terms="Un")).status_code == 303
        stale = await post(buyer, agreement, _version=1, nature="order", terms="Deux")
        assert (stale.status_code, "Votre saisie est gardée" in said(stale), "Deux" in stale.text) == (422, True, True)

    async def test_a_viewer_reads_and_signs_nothing(
        self, supplier: httpx.AsyncClient, agreement: str, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        document, (member_id, _) = await document_of(supplier, agreement), await ids_of(supplier, catalog_app)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE members SET role = 'viewer' WHERE id = :id"), {"id": member_id})
        supplier.cookies.delete(IDENTITY_COOKIE)
        page = await shown(supplier, agreement)
        assert "Télécharger le document" in page
        assert f"{agreement}/sign" not in page
        token = {"_csrf": await csrf_of(supplier, "/account")}
        signing = {**token, "document_sha256": document, "has_read": "true"}
        assert (await supplier.post(f"{agreement}/sign", data=signing)).status_code == 403


class TestCarryingOut:
    @pytest.fixture
    async def running(self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, agreement: str) -> str:
        await both_signed(buyer, supplier, agreement)
        return agreement

    async def test_either_side_ticks_a_milestone_and_takes_it_back(
        self, supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, running: str, catalog_database: Isolated
    ) -> None:
        for _ in range(2):
            assert (await post(supplier, f"{running}/milestones", number=1, done="true")).status_code == 303
        assert "cochée par Traiteur solidaire" in await shown(buyer, running)
        assert (await post(buyer, f"{running}/milestones", number=1, done="false")).status_code == 303
        assert (await post(buyer, f"{running}/milestones", number=3)).status_code == 422
        steps = [(data["milestone"], data["done"]) for verb, data in await told(catalog_database) if verb == "advanced"]
        assert steps == [(1, True), (1, False)]

    async def test_one_side_alone_completes_nothing(
        self, supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, running: str, catalog_database: Isolated
    ) -> None:
        for _ in range(2):
            assert (await post(supplier, f"{running}/complete")).status_code == 303
        (row,) = await stored(catalog_database)
        assert (row.state, row.completed_at) == ("running", None)
        assert "L'autre partie dit que tout est fait" in await shown(buyer, running)
        assert "Ce qui vous attend" in await shown(buyer, "/agreements")
        for _ in range(2):
            assert (await post(buyer, f"{running}/complete")).status_code == 303
        (row,) = await stored(catalog_database)
        assert row.state == "completed"
        assert [verb for verb, _ in await told(catalog_database)][-2:] == ["advanced", "completed"]
        assert (await cancelled(buyer, running, seen=row.version)).status_code == 422

    async def test_nothing_is_carried_out_before_both_signed(
        self, buyer: httpx.AsyncClient, agreement: str, catalog_database: Isolated
    ) -> None:
        assert (await post(buyer, f"{agreement}/complete")).status_code == 409
        assert (await post(buyer, f"{agreement}/milestones", number=1)).status_code == 409
        assert len(await told(catalog_database)) == 1

    @pytest.mark.parametrize("runs", [False, True])
    async def test_it_ends_with_a_reason_that_the_other_side_reads(
        self, supplier: httpx.AsyncClient, buyer: httpx.AsyncClient, agreement: str, catalog_database: Isolated, *,
        runs: bool,
    ) -> None:  # fmt: skip
        if runs:
            await both_signed(buyer, supplier, agreement)
        (row,) = await stored(catalog_database)
        silent = await cancelled(supplier, agreement, seen=row.version, reason="", words="Désolés.")
        assert (silent.status_code, "Désolés." in silent.text, 'href="#reason"' in silent.text) == (422, True, True)
        answer = await cancelled(supplier, agreement, seen=row.version, words="Désolés.")
        assert answer.status_code == 303
        verb, data = (await told(catalog_database))[-1]
        assert (verb, data["reason"], data["was_running"]) == ("cancelled", "delay", runs)
        assert "Désolés" not in str(data)
        page = await shown(buyer, agreement)
        assert "Annulé par Traiteur solidaire" in page
        assert "Désolés." in page
        assert (await sign(buyer, agreement)).status_code == 422


class TestReading:
    async def test_lists_say_what_waits_and_an_empty_one_what_comes(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, agreement: str, sign_up: SignUp,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        for each in (buyer, supplier):
            page = await shown(each, "/agreements")
            assert "Ce qui vous attend" in page
            assert agreement in page
        stranger = await sign_up()
        assert "Aucun accord pour l'instant" in await shown(stranger, "/agreements")
        for path in ("", "/paper"):
            assert (await stranger.get(f"{agreement}{path}")).status_code == 404
        (row,) = await stored(catalog_database)
        assert agreement in await shown(buyer, f"/agreements?need={row.need_id}")
        assert "Aucun accord" in await shown(buyer, f"/agreements?need={uuid4()}")

    async def test_a_confirmed_co_contractor_reads_and_changes_nothing(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        partner, silent = await sign_up(organisation_name="Vaisselle"), await sign_up(organisation_name="Muette")
        named = "\n".join(SIRETS[2:4])
        proposal = await made(supplier, await a_need(buyer), co_contractors=named)
        assert (await post(partner, f"{proposal}/participation", takes_part="true", _version="1")).status_code == 303
        assert (await post(buyer, f"{proposal}/accept", _version=1, reason="price")).status_code == 303
        agreement = await concluded(buyer, proposal)
        page = await shown(partner, agreement)
        assert "Votre structure est cotraitante" in page
        assert agreement in await shown(partner, "/agreements")
        assert "/sign" not in page
        assert (await silent.get(agreement)).status_code == 404
        document = await document_of(partner, agreement)
        asked: dict[str, dict[str, object]] = {
            "/sign": {"document_sha256": document, "has_read": "true"},
            "/complete": {},
            "/milestones": {"number": 1},
            "/cancel": {"_version": 1, "reason": "price"},
            "": {"_version": 1, "nature": "order"},
        }
        for path, fields in asked.items():
            assert (await post(partner, f"{agreement}{path}", **fields)).status_code in (404, 422), path
        (row,) = await stored(catalog_database)
        assert (row.state, len(await told(catalog_database))) == ("concluded", 1)
        assert (await partner.get(f"{agreement}/paper")).status_code == 200
