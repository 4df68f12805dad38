"""What papers say: every mention of the form in data, each of them on the paper, readable aloud, and sealed."""

from contextlib import nullcontext
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.catalog.gifts.letters import amount_in_letters
from services.catalog.gifts.mentions import mentions, mentions_of
from shared.database.acting import Acting
from shared.events.gifts import GiftKind, PaperKind
from tests.services.catalog.giving import (
    SIGNED,
    delivered,
    described,
    eligible,
    issued,
    papers,
    promised,
    ready,
    today,
    valued,
)
from tests.services.catalog.pages import said, shown
from tests.services.catalog.test_flow_and_offer_wizards import post
from tests.services.catalog.test_need_paper import read, words
from tests.support import Isolated

# What the form 2041-MEC-SD asks for, written here once more: a mention that is taken out of the data fails.
FORM = {
    *("number", "recipient_name", "recipient_number", "recipient_address", "recipient_purpose", "recipient_category"),
    *("recipient_decree", "donor_name", "donor_form", "donor_number", "donor_address", "amount", "letters", "nature"),
    *("form", "lines", "given_on", "signed_on", "signatory", "articles", "declaration"),
}
# Said as a table on paper, whose cells are checked below.
AS_TABLE = {"lines", "inventory", "received"}


@pytest.mark.parametrize(
    ("cents", "letters"),
    [
        (0, "zéro euro"),
        (1, "un centime"),
        (100, "un euro"),
        (8_000, "quatre-vingts euros"),
        (8_100, "quatre-vingt-un euros"),
        (7_100, "soixante et onze euros"),
        (120_021, "mille deux cents euros et vingt et un centimes"),
        (8_000_000, "quatre-vingt mille euros"),
        (100_000_000, "un million d'euros"),
        (200_008_050, "deux millions quatre-vingts euros et cinquante centimes"),
    ],
)
def test_an_amount_in_letters(cents: int, letters: str) -> None:
    assert amount_in_letters(cents) == letters


def test_the_mentions_of_the_form_are_all_there() -> None:
    assert {each.code for each in mentions_of(PaperKind.RECEIPT, GiftKind.GOODS)} >= FORM
    assert "means" in {each.code for each in mentions_of(PaperKind.RECEIPT, GiftKind.MONEY)}
    assert "sheet" in {each.code for each in mentions_of(PaperKind.RECEIPT, GiftKind.SKILLS)}
    # What somebody has to give is given somewhere, and what may not lack has a name in two languages.
    assert all(each.by or not each.place for each in mentions())
    assert all(all(each.names) for each in mentions())


def squeezed(words_of: str) -> str:
    """Without spaces: a line on paper may end at a hyphen."""
    return "".join(words_of.split())


@pytest.mark.parametrize("kind", list(PaperKind))
async def test_each_mention_is_on_the_paper_which_can_be_read_aloud(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, kind: PaperKind
) -> None:
    gift = await ready(donor, recipient, catalog_database, "tax_receipts", "unsold_vat", is_unsold="true")
    answer = await issued(recipient, gift, kind)
    assert answer.status_code == 303, said(answer)
    (row,) = await papers(catalog_database)
    told = words(read(await donor.get(f"/gifts/papers/{row.id}/file")))
    said_there = row.said["mentions"]
    for each in mentions_of(kind, GiftKind.GOODS):
        if each.code == "replaces":
            continue
        assert said_there[each.code], each.code
        assert each.name("fr").replace("’", "'") in told, each.code
        if each.code not in AS_TABLE:
            assert squeezed(said_there[each.code]) in squeezed(told), each.code
    for cell in (cell for line in row.said["table"]["rows"] for cell in line):
        assert squeezed(cell) in squeezed(told), cell
    paper = PdfReader(BytesIO(row.pdf))
    root: Any = paper.root_object
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"].get_object()["/Marked"]
    assert root["/StructTreeRoot"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in row.pdf


@pytest.mark.parametrize(
    "change",
    ["value_cents = 1", "sha256 = repeat('0', 64)", "pdf = ''", "number = 7", "cancelled_at = now(), number = 9"],
)
async def test_what_was_issued_is_never_changed_by_anybody(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, change: str
) -> None:
    """INVARIANT: not even the worker changes a paper: it is cancelled and another takes its place."""
    await issued(recipient, await ready(donor, recipient, catalog_database))
    with pytest.raises(DBAPIError, match="cancelled and replaced"):
        async with catalog_database.sessions.begin() as session:
            await session.execute(text(f"UPDATE gift_papers SET {change}"))


async def test_others_read_neither_gift_nor_paper(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, sign_up: Any
) -> None:
    gift = await ready(donor, recipient, catalog_database)
    await issued(recipient, gift)
    (row,) = await papers(catalog_database)
    stranger = await sign_up(organisation_name="Ailleurs", roles=["ess"])
    for path in (gift, f"/gifts/papers/{row.id}/file", f"/api/v1{gift}", f"/api/v1/gifts/papers/{row.id}/file"):
        assert (await stranger.get(path)).status_code == 404, path
    assert "Aucun don" in await shown(stranger, "/gifts")
    assert (await stranger.get("/api/v1/gifts/papers")).json()["items"] == []
    # Nor does a query that forgets its condition.
    async with catalog_database.both.pages.acting(Acting(uuid4(), uuid4())) as session:
        for table in ("gifts", "gift_papers", "gift_paper_counters", "gift_profiles", "gift_turnovers"):
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


class TestUnsold:
    async def test_one_attestation_for_a_donors_year_takes_what_none_stands_for(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        first = await ready(donor, recipient, catalog_database, "unsold_vat", is_unsold="true")
        second = await promised(donor, recipient)
        await valued(donor, second, is_unsold="true")
        await delivered(recipient, second, received=["10", "0"], words="Camion trop petit")
        (row, *_) = await _gifts(catalog_database)
        year = {"donor_id": str(row.donor_id), "year": str(today().year)}
        page = await shown(recipient, f"/gifts/attest?donor_id={row.donor_id}&year={today().year}")
        assert "2 dons de" in page
        answer = await post(recipient, "/gifts/attest", **year, **SIGNED)
        assert answer.status_code == 303, said(answer)
        (paper,) = await papers(catalog_database)
        assert (paper.gift_id, len(paper.gift_ids), len(paper.said["table"]["rows"])) == (None, 2, 3)
        for gift in (first, second):
            assert f"{paper.year}-0001" in await shown(donor, gift)
        nothing = await post(recipient, "/gifts/attest", **year, **SIGNED)
        assert (nothing.status_code, "n'attend d'attestation" in said(nothing)) == (422, True)
        twice = await issued(recipient, first, "unsold")
        assert twice.status_code == 422
        replaced = await post(recipient, f"/gifts/papers/{paper.id}/replace", **SIGNED, reason="Quantité corrigée")
        assert replaced.status_code == 303, said(replaced)
        assert [(each.number, each.cancelled_at is None) for each in await papers(catalog_database)] == [
            (1, False),
            (2, True),
        ]

    async def test_who_is_not_checked_or_what_is_not_unsold_has_none(
        self, donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        gift = await promised(donor, recipient)
        await described(donor, recipient)
        await valued(donor, gift, is_unsold="true")
        await delivered(recipient, gift)
        refused = await issued(recipient, gift, "unsold")
        assert "273 septies D" in said(refused)
        await eligible(catalog_database, recipient, "unsold_vat")
        await valued(donor, gift, is_unsold="")
        not_unsold = await issued(recipient, gift, "unsold")
        assert "des invendus neufs" in said(not_unsold)
        assert await papers(catalog_database) == []


async def _gifts(database: Isolated) -> list[Any]:
    async with database.sessions() as session:
        return list(await session.execute(text("SELECT * FROM gifts")))


@pytest.mark.parametrize(
    ("side", "change", "may"),
    [
        ("donor", "valuation = '{}', valued_at = now(), version = version + 1", True),
        ("recipient", "valuation = '{}', valued_at = now()", False),
        ("recipient", "delivered_on = delivered_on - 1, version = version + 1", True),
        ("donor", "delivery = '{}', delivered_at = now()", False),
        ("recipient", "sheet_signed_at = now()", False),
        ("donor", "receipted_at = now()", False),
        ("donor", "withdrawn_at = now()", False),
        ("donor", "title = 'Autre chose'", False),
        ("recipient", "recipient_id = donor_id", False),
    ],
)
async def test_each_side_writes_its_own_part_whatever_a_command_says(
    donor: httpx.AsyncClient, recipient: httpx.AsyncClient, catalog_database: Isolated, *, side: str, change: str,
    may: bool,
) -> None:  # fmt: skip
    """INVARIANT: the database keeps the donor's word from the recipient and the recipient's from the donor."""
    gift = await ready(donor, recipient, catalog_database)
    async with catalog_database.sessions() as session:
        row = (await session.execute(text("SELECT donor_id AS donor, recipient_id AS recipient FROM gifts"))).one()
    refused = nullcontext() if may else pytest.raises(DBAPIError, match="not for this side")
    async with catalog_database.both.pages.acting(Acting(getattr(row, side), uuid4())) as session:
        with refused:
            async with session.begin_nested():
                await session.execute(text(f"UPDATE gifts SET {change} WHERE id = :id"), {"id": gift[7:]})
