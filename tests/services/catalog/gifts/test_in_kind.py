"""A gift in kind from the signed agreement to its receipt: each side says its own part, and a number has no gap."""

import re
from hashlib import sha256

import httpx
import pytest

from tests.services.catalog.agreeing import cancelled
from tests.services.catalog.giving import (
    VALUED,
    delivered,
    described,
    eligible,
    issued,
    papers,
    promised,
    ready,
    seen,
    stored,
    told,
    valued,
)
from tests.services.catalog.pages import said, shown
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_need_paper import read, words
from tests.support import Isolated


class TestPromise:
    async def test_both_signatures_promise_it_to_both_once(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await promised(donor, recipient)
        (row,) = await stored(catalog_database)
        assert (row.kind, row.cents, [each["quantity"] for each in row.lines]) == ("goods", None, ["120", "40"])
        assert [verb for verb, _ in await told(catalog_database)] == ["promised", "promised"]
        assert "dites ce que vaut ce don" in await shown(donor, gift)
        assert "dites ce que vous avez reçu" in await shown(recipient, gift)
        for client in (donor, recipient):
            assert gift in await shown(client, "/gifts")

    async def test_with_its_agreement_it_is_cancelled_before_it_arrives_and_not_after(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await promised(donor, recipient)
        found = re.search(r'href="(/agreements/[0-9a-f-]{36})"', (await donor.get(gift)).text)
        assert found is not None
        assert (await cancelled(recipient, found[1], seen=3)).status_code == 303
        assert (await told(catalog_database))[-1][0] == "withdrawn"
        assert "n'aura pas lieu" in await shown(donor, gift)
        refused = await post(donor, f"{gift}/value", _version=3, euros=["1", "1"], basis=["cost", "cost"], alone="true")
        assert refused.status_code in (409, 422)


class TestValue:
    async def test_its_donor_alone_says_it_line_by_line(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await promised(donor, recipient)
        assert (await post(recipient, f"{gift}/value", **VALUED, _version=2)).status_code == 409
        assert (await valued(donor, gift)).status_code == 303
        page = await shown(recipient, gift)
        for each in ("1 600,50 €", "Valeur nette comptable", "Registre des immobilisations"):
            assert each in page, each
        verb, event = (await told(catalog_database))[-1]
        assert (verb, event["value_cents"]) == ("valued", 160_050)

    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"alone": ""}, "alone", "Confirmez que votre structure"),
            ({"euros": ["1200", ""]}, "euros_2", "À remplir"),
            ({"euros": ["1200", "beaucoup"]}, "euros_2", "Écrivez un nombre"),
            ({"counterpart_euros": "401"}, "counterpart_euros", "dépasse 25 % de la valeur"),
        ],
    )
    async def test_what_is_wrong_is_said_at_its_field_and_keeps_what_was_typed(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, *,
        changes: dict[str, object], field: str, sentence: str,
    ) -> None:  # fmt: skip
        gift = await promised(donor, recipient)
        refused = await valued(donor, gift, **changes)
        assert refused.status_code == 422
        assert f'href="#{field}"' in refused.text
        assert f'id="{field}"' in refused.text
        assert sentence in said(refused)
        assert "Registre des immobilisations" in said(refused)
        assert (await stored(catalog_database))[0].valuation is None

    async def test_a_quarter_in_return_is_still_a_gift(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient
    ) -> None:
        gift = await promised(donor, recipient)
        assert (await valued(donor, gift, counterpart_euros="400,12", counterpart_words="Son logo")).status_code == 303
        assert "400,12 €" in await shown(recipient, gift)

    async def test_of_another_quantity_nothing_is_said_and_its_donor_says_it_again(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        """INVARIANT: nobody but the donor values what arrived, not even by proportion."""
        gift = await promised(donor, recipient)
        await described(donor, recipient)
        await eligible(catalog_database, recipient)
        await valued(donor, gift)
        assert (await delivered(recipient, gift, received=["118", "40"])).status_code == 303
        assert (await told(catalog_database))[-1][1]["differs"] is True
        assert "dites ce que vaut ce qui est arrivé" in await shown(donor, gift)
        refused = await issued(recipient, gift)
        assert (refused.status_code, "Il manque au document" in said(refused)) == (422, True)
        assert await papers(catalog_database) == []
        assert (await valued(donor, gift, euros=["1180", "400,50"])).status_code == 303
        assert (await issued(recipient, gift)).status_code == 303
        assert (await papers(catalog_database))[0].value_cents == 158_050

    async def test_what_was_changed_meanwhile_is_not_written_over(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient
    ) -> None:
        gift = await promised(donor, recipient)
        before = await seen(donor, gift)
        await delivered(recipient, gift)
        late = await post(donor, f"{gift}/value", _version=before, euros=["5", "5"], basis=["cost", "cost"], alone="on")
        assert (late.status_code, "Quelqu'un a enregistré" in said(late)) == (422, True)


class TestDelivery:
    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"received": ["120"]}, "received", "zéro compris"),
            ({"received": ["0", "0"]}, "received", "rien reçu"),
            ({"on": "2031-01-01"}, "on", "aujourd'hui au plus tard"),
            ({"on": ""}, "on", "aujourd'hui au plus tard"),
        ],
    )
    async def test_what_is_wrong_is_said_at_its_field(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, *,
        changes: dict[str, object], field: str, sentence: str,
    ) -> None:  # fmt: skip
        gift = await promised(donor, recipient)
        refused = await delivered(recipient, gift, **changes)
        assert (refused.status_code, sentence in said(refused)) == (422, True)
        assert f'id="{field}"' in refused.text
        assert (await stored(catalog_database))[0].delivery is None

    async def test_its_donor_does_not_say_what_arrived(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient
    ) -> None:
        gift = await promised(donor, recipient)
        assert (await post(donor, f"{gift}/deliver", on="2026-11-02", _version=2)).status_code == 409


class TestReceipt:
    async def test_it_is_shown_before_it_is_numbered_sealed_and_told(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await ready(donor, recipient, catalog_database)
        before = await shown(recipient, f"{gift}/papers/receipt")
        for each in (
            "Réemployer le mobilier",
            "12 rue des Ormes",
            "mille six cents euros et cinquante centimes",
            "SAS",
        ):
            assert each in before, each
        assert "Ce qui manque" not in before
        answer = await issued(recipient, gift)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{gift}#papers")
        (row,) = await papers(catalog_database)
        assert (row.kind, row.number, row.value_cents) == ("receipt", 1, 160_050)
        for reader in (donor, recipient):
            page = await shown(reader, gift)
            assert f"{row.year}-0001" in page
            assert row.sha256 in page
            file = await reader.get(f"/gifts/papers/{row.id}/file")
            assert sha256(file.content).hexdigest() == row.sha256
        paper = words(read(file))
        assert "Bureaux" in paper
        verb, event = (await told(catalog_database))[-1]
        assert (verb, event["document_sha256"], event["number"]) == ("receipted", row.sha256, 1)

    async def test_one_stands_and_another_takes_its_place_with_a_reason(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await ready(donor, recipient, catalog_database)
        await issued(recipient, gift)
        again = await issued(recipient, gift)
        assert (again.status_code, "il s'annule et se remplace" in said(again)) == (422, True)
        (first,) = await papers(catalog_database)
        await valued(donor, gift, euros=["900", "400,50"])
        replace = f"/gifts/papers/{first.id}/replace"
        assert "Annuler et remplacer le n°" in await shown(recipient, replace)
        form = {"signatory": "Nadia Benali", "capacity": "présidente", "form": "private"}
        unsaid = await post(recipient, replace, **form)
        assert (unsaid.status_code, "Dites pourquoi" in said(unsaid)) == (422, True)
        assert (await post(donor, replace, **form, reason="Je veux plus")).status_code == 403
        assert (await post(recipient, replace, **form, reason="Erreur de valeur")).status_code == 303
        old, new = await papers(catalog_database)
        assert (old.number, old.cancelled_at is not None, old.reason) == (1, True, "Erreur de valeur")
        assert (new.number, new.replaces_id, new.value_cents) == (2, old.id, 130_050)
        page = await shown(donor, "/gifts/papers")
        assert f"remplacé par le n° {new.year}-0002" in page
        paper = words(read(await donor.get(f"/gifts/papers/{new.id}/file")))
        assert f"n° {old.year}-0001 : Erreur de valeur" in paper
        # What was issued stays as it was, and is read on.
        assert sha256((await donor.get(f"/gifts/papers/{old.id}/file")).content).hexdigest() == old.sha256
        verbs = [verb for verb, _ in await told(catalog_database)]
        assert verbs[-3:] == ["valued", "receipt_cancelled", "receipted"]
        twice = await post(recipient, replace, **form, reason="Encore")
        assert twice.status_code in (409, 422)
        assert len(await papers(catalog_database)) == 2

    async def test_missing_mentions_are_named_with_the_place_to_give_them(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await promised(donor, recipient)
        await eligible(catalog_database, recipient)
        await valued(donor, gift)
        await delivered(recipient, gift)
        page = await shown(recipient, f"{gift}/papers/receipt")
        assert "Ce qui manque" in page
        assert 'href="/gifts/profile"' in page
        refused = await issued(recipient, gift)
        assert refused.status_code == 422
        for each in ("adresse", "objet", "forme juridique"):
            assert each in said(refused), each
        assert await papers(catalog_database) == []

    async def test_who_is_not_checked_attests_reception_without_a_word_of_tax(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await promised(donor, recipient)
        await described(donor, recipient)
        await delivered(recipient, gift)
        refused = await issued(recipient, gift)
        assert refused.status_code in (403, 422)
        assert "attestation de réception" in said(refused)
        assert (await issued(recipient, gift, "reception")).status_code == 303
        (row,) = await papers(catalog_database)
        paper = words(read(await donor.get(f"/gifts/papers/{row.id}/file")))
        assert "Bureaux" in paper
        for each in ("238 bis", "impôt", "€"):
            assert each not in paper, each
