"""The demonstration: its four files through the importer, six people one can sign in as, a call, and exchanges."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.cli.demonstration_call import open_call
from deploy.cli.demonstration_exchanges import have_exchanges
from deploy.embedded.data_folder import write_private
from deploy.embedded.instance import Instance
from services.catalog.accounts.commands import add_member
from services.catalog.accounts.models import Account as AccountRow
from services.catalog.accounts.passwords import hash_password, password_matches
from services.catalog.accounts.queries import account_by_email, memberships
from services.catalog.files.keeping import Keeper
from services.catalog.files.store import FolderStore
from services.catalog.imports.commands import Options
from services.catalog.imports.files import read_sheet
from services.catalog.imports.kinds import KINDS
from services.catalog.imports.report import Report
from services.catalog.imports.sheets import import_sheet
from services.catalog.organisations.models import Organisation
from shared.clock import Calendar, now
from shared.database import Database
from shared.events.facts import Origin

log = structlog.get_logger(__name__)

FILES = Path(__file__).parents[1] / "demonstration"
# Reserved by RFC 2606: no message to these people ever leaves.
DOMAIN = "demonstration.boucle.invalid"
# What is easily mistaken when typed from a screen is left out; twelve of these are 58 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class DemonstrationIncomplete(Exception):
    """An organisation that somebody of the demonstration acts for is not there."""


@dataclass(frozen=True)
class Account:
    """Somebody one can sign in as; `role` in words, for the terminal."""

    email: str
    password: str
    role: str
    organisation: str


class Person(NamedTuple):
    """Somebody of the demonstration; `organisation` is an external id of `organisations.csv`."""

    local_part: str
    name: str
    role: str
    organisation: str

    @property
    def email(self) -> str:
        return f"{self.local_part}@{DOMAIN}"


PEOPLE = (
    Person("acheteuse", "Camille Rouquette", "buyer", "hexaplane"),
    Person("atelier", "Idriss Ferrand", "social enterprise, workshop", "palettes-garonne"),
    Person("gisements", "Maud Lacaze", "holder of material flows", "decoset"),
    Person("territoire", "Élodie Sarda", "territory coordinator", "toulouse-metropole"),
    Person("partenaire", "Julien Castéra", "partner network", "cress-occitanie"),
    Person("traiteur", "Nadia Peyre", "social enterprise, caterer", "tables-touch"),
)
ADDRESSES = {person.local_part: person.email for person in PEOPLE}


def load(instance: Instance, *, keeps_files: bool = True) -> list[Account]:
    """Load the demonstration into a running instance; a second time changes nothing and gives the same accounts.

    Where catalog reads no files of this folder (`keeps_files`), nobody sends a photo.
    """
    keeper = Keeper(FolderStore(instance.folder.files)) if keeps_files else None
    return asyncio.run(_load(instance, keeper))


async def _load(instance: Instance, keeper: Keeper | None) -> list[Account]:
    database = Database(instance.database_url("catalog", "work"), clock=now, calendar=Calendar(always_open=True))
    try:
        await import_files(database)
        accounts = await give_accounts(database, passwords(instance.folder.secrets / "demonstration.json"))
        await open_call(database, ADDRESSES)
        await have_exchanges(database, ADDRESSES, keeper)
        return accounts
    finally:
        await database.close()


async def import_files(database: Database, *, dry_run: bool = False) -> list[Report]:
    """Organisations, then what they offer, seek and give; a refused row is logged and left out."""
    options = Options(origin=Origin.DEMONSTRATION, dry_run=dry_run)
    reports = []
    for kind in KINDS.values():
        sheet = await asyncio.to_thread(read_sheet, FILES / f"{kind.name}.csv")
        report = await import_sheet(database, kind, sheet, options=options)
        for row in report.refused:
            log.warning("demonstration.row_refused", file=kind.name, line=row.line, reasons=dict(row.reasons))
        reports.append(report)
    return reports


def passwords(kept: Path) -> dict[str, str]:
    """A password for each person, made up once per instance and kept in a 0600 file."""
    try:
        known = json.loads(kept.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        known = {}
    all_of_them = {person.email: known.get(person.email) or _new_password() for person in PEOPLE}
    if all_of_them != known:
        write_private(kept, json.dumps(all_of_them, indent=2))
    return all_of_them


def _new_password() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


async def give_accounts(database: Database, known: Mapping[str, str]) -> list[Account]:
    """Everybody's account, in the order of `PEOPLE`; `known` holds the password of each address."""
    async with database.sessions() as session:
        moment = session.info["clock"]()
        given = [await _give_account(session, person, known[person.email], now=moment) for person in PEOPLE]
        await session.commit()
    return given


async def _give_account(session: AsyncSession, person: Person, password: str, *, now: datetime) -> Account:
    organisation = await _organisation(session, person)
    account = await account_by_email(session, person.email)
    if account is None:
        account = AccountRow(
            email=person.email,
            # Nobody reads the letters to these addresses.
            email_confirmed_at=now,
            name=person.name,
            password_hash=await hash_password(password),
            created_at=now,
        )
        session.add(account)
        await session.flush()
    elif not await password_matches(account.password_hash, password):
        account.password_hash = await hash_password(password)
    if not await memberships(session, account.id):
        # Signing up asks for a SIRET, which most made-up organisations have not.
        await add_member(session, account, organisation, now=now)
    return Account(person.email, password, person.role, organisation.name)


async def _organisation(session: AsyncSession, person: Person) -> Organisation:
    found = await session.scalar(
        select(Organisation).where(
            Organisation.external_id == person.organisation, Organisation.origin == Origin.DEMONSTRATION
        )
    )
    if found is None:
        raise DemonstrationIncomplete(f"{person.organisation}: not loaded, so {person.email} cannot act for it.")
    return found
