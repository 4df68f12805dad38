"""Gifts of money, with their bank line; and of people's time, with a sheet that both sign and a ceiling for each."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from tests.services.catalog.giving import (
    described,
    eligible,
    issued,
    papers,
    promised_money,
    promised_skills,
    seen,
    stored,
    today,
    told,
)
from tests.services.catalog.pages import said, shown
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_need_paper import read, words
from tests.support import Isolated

PAID = {"on": today().isoformat(), "euros": "5000", "means": "transfer", "reference": "VIR 2026-117"}


class TestMoney:
    @pytest.fixture
    async def gift(self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated) -> str:
        """As a pledge promises it, which no settlement confirms."""
        gift = await promised_money(recipient, donor)
        async with catalog_database.sessions.begin() as session:
            await session.execute(text("UPDATE gifts SET agreement_id = NULL, pledge_id = gen_random_uuid()"))
        return gift

    async def test_a_bank_line_confirms_it_and_the_receipt_says_how_it_was_paid(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
    ) -> None:
        """The association's need is answered by a company that pays: here `recipient` gives, and `donor` receives."""
        giver, taker = recipient, donor
        (row,) = await stored(catalog_database)
        assert (row.kind, row.cents, row.lines) == ("money", 500_000, [])
        answer = await post(taker, f"{gift}/deliver", _version=await seen(taker, gift), **PAID)
        assert answer.status_code == 303, answer.text
        await described(taker, giver)
        await _swap_profiles(taker, giver)
        await eligible(catalog_database, taker)
        issue = await issued(taker, gift)
        assert issue.status_code == 303, said(issue)
        (paper,) = await papers(catalog_database)
        told_on_paper = words(read(await giver.get(f"/gifts/papers/{paper.id}/file")))
        for each in ("Numéraire", "5 000,00 €", "cinq mille euros", "Virement, VIR 2026-117"):
            assert each in told_on_paper, each
        assert paper.value_cents == 500_000

    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [({"euros": ""}, "euros", "Dites la somme"), ({"means": ""}, "euros", "Dites la somme"),
         ({"on": "2031-01-01"}, "on", "aujourd'hui au plus tard")],
    )  # fmt: skip
    async def test_what_is_missing_is_said(
        self, donor: httpx.AsyncClient, gift: str, catalog_database: Isolated, *, changes: dict[str, str],
        field: str, sentence: str,
    ) -> None:  # fmt: skip
        answer = await post(donor, f"{gift}/deliver", _version=await seen(donor, gift), **{**PAID, **changes})
        assert (answer.status_code, sentence in said(answer)) == (422, True)
        assert f'id="{field}"' in answer.text
        assert "VIR 2026-117" in answer.text
        assert (await stored(catalog_database))[0].delivery is None

    async def test_a_counterpart_over_a_quarter_of_what_arrived_makes_it_none(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str
    ) -> None:
        said_first = await post(
            recipient, f"{gift}/value", _version=await seen(recipient, gift), alone="true", counterpart_euros="1250"
        )
        assert said_first.status_code == 303, said(said_first)
        less = {**PAID, "euros": "4000"}
        answer = await post(donor, f"{gift}/deliver", _version=await seen(donor, gift), **less)
        assert (answer.status_code, "ce n'est plus un don" in said(answer)) == (422, True)


async def _swap_profiles(recipient: httpx.AsyncClient, donor: httpx.AsyncClient) -> None:
    await described(donor, recipient)


class TestSkills:
    @pytest.fixture
    async def gift(self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient) -> str:
        return await promised_skills(donor, recipient)

    def _sheet(self, *hours: str) -> dict[str, list[str]]:
        days = [(today() - timedelta(days=n)).isoformat() for n in range(len(hours))]
        return {"person": ["AB"] * len(hours), "day": days, "hours": list(hours)}

    async def _value(self, donor: httpx.AsyncClient, gift: str, hourly: str = "60") -> httpx.Response:
        said_by_donor = {"person": ["ab", ""], "hourly_euros": [hourly, ""], "alone": "true"}
        return await post(donor, f"{gift}/value", _version=await seen(donor, gift), **said_by_donor)

    async def test_hours_are_said_by_one_signed_by_both_and_worth_what_the_donor_says(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
    ) -> None:
        assert (await self._value(donor, gift)).status_code == 303
        sheet = await post(
            recipient, f"{gift}/deliver", _version=await seen(recipient, gift), **self._sheet("7", "7,5")
        )
        assert sheet.status_code == 303, said(sheet)
        await described(donor, recipient)
        await eligible(catalog_database, recipient)
        unsigned = await issued(recipient, gift)
        assert (unsigned.status_code, "feuille de présence" in said(unsigned)) == (422, True)
        page = await shown(donor, gift)
        assert "14,5 h à 60,00 €" in page
        assert "870,00 €" in page
        (row,) = await stored(catalog_database)
        stale = await post(donor, f"{gift}/sheet", said_at="2026-01-01T00:00:00+00:00")
        assert (stale.status_code, "a changé" in said(stale)) == (409, True)
        assert (await post(donor, f"{gift}/sheet", said_at=row.delivered_at.isoformat())).status_code == 303
        assert [verb for verb, _ in await told(catalog_database)][-1] == "sheet_signed"
        issue = await issued(recipient, gift)
        assert issue.status_code == 303, said(issue)
        (paper,) = await papers(catalog_database)
        told_on_paper = words(read(await donor.get(f"/gifts/papers/{paper.id}/file")))
        for each in ("mise à disposition de salariés", "AB", "14,5 h", "870,00 €", "Signée par les deux parties"):
            assert each in told_on_paper, each

    async def test_another_sheet_is_signed_anew(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
    ) -> None:
        """INVARIANT: a signature is that of what was read."""
        await post(recipient, f"{gift}/deliver", _version=await seen(recipient, gift), **self._sheet("7"))
        (row,) = await stored(catalog_database)
        await post(donor, f"{gift}/sheet", said_at=row.delivered_at.isoformat())
        await post(recipient, f"{gift}/deliver", _version=await seen(recipient, gift), **self._sheet("7", "7"))
        (row,) = await stored(catalog_database)
        assert row.sheet_signed_at is None

    async def test_a_persons_time_counts_up_to_the_ceiling_and_the_computation_is_shown(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
    ) -> None:
        await self._value(donor, gift, "20000")
        await post(recipient, f"{gift}/deliver", _version=await seen(recipient, gift), **self._sheet("8", "8"))
        async with catalog_database.sessions() as session:
            ceiling = await session.scalar(text("SELECT value FROM parameters WHERE code = 'social_ceiling'"))
        most = f"{int(3 * (ceiling or 0)):,}".replace(",", " ")
        page = await shown(donor, gift)
        assert "plafonné" in page
        assert f"soit {most},00 €" in page

    @pytest.mark.parametrize(
        ("sheet", "sentence"),
        [
            ({"person": [""], "day": [""], "hours": [""]}, "Remplissez au moins une ligne"),
            ({"person": ["AB", "AB"], "day": [today().isoformat()] * 2, "hours": ["20", "8"]}, "Plus de 24 heures"),
            ({"person": ["AB"], "day": [today().isoformat()], "hours": ["25"]}, "d'au plus 24"),
        ],
    )
    async def test_what_is_wrong_with_a_sheet_is_said(
        self, recipient: httpx.AsyncClient, gift: str, sheet: dict[str, list[str]], sentence: str
    ) -> None:
        answer = await post(recipient, f"{gift}/deliver", _version=await seen(recipient, gift), **sheet)
        assert (answer.status_code, sentence in said(answer)) == (422, True)

    async def test_a_promise_is_taken_back_before_anything_arrived(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, gift: str, catalog_database: Isolated
    ) -> None:
        assert (await post(recipient, f"{gift}/withdraw")).status_code == 409
        assert (await post(donor, f"{gift}/withdraw")).status_code == 303
        assert [verb for verb, _ in await told(catalog_database)][-1] == "withdrawn"
        (row,) = await stored(catalog_database)
        again = await post(donor, f"/agreements/{row.agreement_id}/gift")
        assert again.status_code == 303
        assert len(await stored(catalog_database)) == 2
