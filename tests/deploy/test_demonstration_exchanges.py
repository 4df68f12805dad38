"""A new user sees a living exchange: proposals, agreements, takings and messages in every state, as of their days."""

import io
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from deploy.cli.demonstration import ADDRESSES, FILES, PEOPLE, give_accounts, passwords
from deploy.cli.demonstration_exchanges import have_exchanges, read_steps
from services.catalog.agreements.models import Agreement
from services.catalog.campaigns.models import Campaign
from services.catalog.campaigns.pledge import Pledge
from services.catalog.exchanges.models import Message
from services.catalog.files.keeping import Keeper
from services.catalog.files.models import StoredFile
from services.catalog.files.store import FolderStore
from services.catalog.flows.lot import Lot
from services.catalog.gifts.models import Gift, GiftPaper
from services.catalog.impact.models import Entry, Exchange
from services.catalog.imports.commands import Options
from services.catalog.imports.files import read_sheet
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.sheets import import_sheet
from services.catalog.organisations.models import Organisation
from services.catalog.proposals.models import Proposal
from services.catalog.questions.models import Question
from services.catalog.subscriptions.models import Subscription
from services.catalog.takings.models import Taking
from shared.clock import now
from shared.events.facts import Origin
from tests.support import Isolated


@pytest.fixture
async def loaded(catalog_database: Isolated, tmp_path: Path) -> Isolated:
    """Organisations, what they need, and people: all that the steps are about."""
    for kind in ("organisations", "needs"):
        sheet = read_sheet(FILES / f"{kind}.csv")
        await import_sheet(catalog_database, KINDS[kind], sheet, options=Options(origin=Origin.DEMONSTRATION))
    await give_accounts(catalog_database, passwords(tmp_path / "demonstration.json"))
    assert await have_exchanges(catalog_database, ADDRESSES, Keeper(FolderStore(tmp_path / "files")))
    return catalog_database


async def counted(database: Isolated, column: Any) -> Counter[Any]:
    async with database.sessions() as session:
        return Counter(await session.scalars(select(column)))


async def test_everything_stands_in_every_state_and_a_second_load_changes_nothing(loaded: Isolated) -> None:
    assert await counted(loaded, Proposal.state) == {"made": 3, "accepted": 5, "rejected": 3}
    assert await counted(loaded, Agreement.state) == {"concluded": 2, "running": 1, "completed": 3}
    ended = {"confirmed": 4, "disputed": 1, "missed": 1, "cancelled": 1, "expired": 1}
    assert await counted(loaded, Taking.state) == {"made": 4, "held": 1, **ended}
    assert await counted(loaded, Subscription.state) == {"accepted": 1}
    assert await counted(loaded, Question.state) == {"asked": 1, "answered": 3}
    assert (await counted(loaded, Message.organisation_id)).total() == 7 + 4
    assert not await have_exchanges(loaded, ADDRESSES)
    assert (await counted(loaded, Proposal.state)).total() == 11


async def test_what_was_done_follows_the_rules_and_counts(loaded: Isolated) -> None:
    """Natures differ, who is not chosen reads why, only what was confirmed counts, and a week to come is there."""
    soon = Taking.slot_from.between(now(), now() + timedelta(days=7))
    to_come = select(Taking).where(Taking.state == "made", soon).options(joinedload(Taking.taker))
    async with loaded.sessions() as session:
        natures = {each.content.nature for each in await session.scalars(select(Agreement))}
        reasons = {each.reason for each in await session.scalars(select(Proposal).where(Proposal.state == "rejected"))}
        kinds = Counter(await session.scalars(select(Exchange.kind)))
        masses = await session.scalars(select(Entry.value).where(Entry.measure == "mass"))
        takings = (await session.scalars(to_come)).all()
        extra = (await session.scalars(select(Lot).where(Lot.extra))).one()
        organisations = {*await session.scalars(select(Organisation.external_id))}
        assert sum(value or 0 for value in masses) == 3520 + 2380 + 248 + 236
    assert (natures, reasons) == ({"order", "partnership", "gift", "transfer"}, {"price", "delay", "quantity"})
    assert kinds == {"taking": 4, "agreement": 3}
    assert {each.taker.external_id for each in takings} == {"palettes-garonne", "deux-rives"}
    assert (int(extra.quantity_value), int(extra.taken_value)) == (200, 120)
    steps = read_steps(now())
    assert all(step.moment <= now() for step in steps)
    assert {step.by for step in steps} <= organisations | {person.local_part for person in PEOPLE}


async def test_a_gift_has_its_receipt_and_a_campaign_its_pledge(loaded: Isolated) -> None:
    """Each side said its own part, the territory looked first, and the paper has every mention of its form."""
    async with loaded.sessions() as session:
        (gift,) = await session.scalars(select(Gift))
        (paper,) = await session.scalars(select(GiftPaper).options(undefer(GiftPaper.pdf)))
        (campaign,) = await session.scalars(select(Campaign))
        (pledge,) = await session.scalars(select(Pledge))
    assert (gift.state, gift.value_cents(), paper.value_cents) == ("receipted", 768_000, 768_000)
    told = " ".join(" ".join(each.extract_text() for each in PdfReader(io.BytesIO(paper.pdf)).pages).split())
    for each in (paper.reference, "Hexaplane Systèmes", "Les Tables du Touch", "Four mixte dix niveaux", "Nadia Peyre"):
        assert each in told, each
    assert (campaign.state, campaign.pledged_cents, campaign.pledges) == ("open", 250_000, 1)
    assert (pledge.campaign_id, pledge.state, pledge.amount_cents) == (campaign.id, "made", 250_000)


async def test_every_confirmed_collection_has_a_photo_that_was_drawn_for_it(loaded: Isolated, tmp_path: Path) -> None:
    photo = select(StoredFile).join(Message, Message.id == StoredFile.about)
    async with loaded.sessions() as session:
        confirmed = {*await session.scalars(select(Taking.id).where(Taking.state == "confirmed"))}
        files = (await session.scalars(photo)).all()
        shown = {*await session.scalars(select(Message.taking_id).join(StoredFile, StoredFile.about == Message.id))}
    assert shown == confirmed
    assert {file.kind for file in files} == {"png"}
    pictures = [await FolderStore(tmp_path / "files").read(file.kept_as) for file in files]
    assert len({*pictures}) == 4
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as opened:
            assert (opened.size, len(picture) < 400_000) == ((960, 720), True)


async def test_without_a_place_for_files_nobody_sends_a_photo(catalog_database: Isolated, tmp_path: Path) -> None:
    for kind in ("organisations", "needs"):
        sheet = read_sheet(FILES / f"{kind}.csv")
        await import_sheet(catalog_database, KINDS[kind], sheet, options=Options(origin=Origin.DEMONSTRATION))
    await give_accounts(catalog_database, passwords(tmp_path / "demonstration.json"))
    assert await have_exchanges(catalog_database, ADDRESSES)
    assert (await counted(catalog_database, Message.organisation_id)).total() == 7
