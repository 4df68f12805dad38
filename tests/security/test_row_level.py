"""INVARIANT: PostgreSQL itself keeps organisations apart, where a query forgets to."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.embedded.engines import Engines
from deploy.embedded.ports import free_port, listen_on
from deploy.embedded.services_process import ServicesProcess
from deploy.embedded.worker_process import APART
from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from shared.database import Database
from shared.database.acting import NOBODY, Acting
from shared.database.both import WorkDatabaseMissing
from tests.security.forgetful import forgetful_queries
from tests.security.people import SERVICES
from tests.security.private_rows import PRIVATE, ROWS, complete, everything, owner_of, private
from tests.security.scene import BAIT, Scene
from tests.security.test_isolation import MATRIX, is_their_work, wrong_with

# Tables of the pages' role that are no organisation's, with why.
SHARED: dict[str, dict[str, str]] = {
    "catalog": {
        "legal_entities": "the register of legal persons: several establishments stand behind one",
        "wrong_passwords": "counted before anybody is known: the hash of an address, and when",
        "links": "found by the secret of a letter, before anybody is known; it holds hashes and ids",
        "spent_requests": "counts requests, of addresses too, before anybody is known",
        "halfway": "found by the secret of a cookie, before anybody is known; it holds hashes and ids",
    },
    "matching": {"spent_requests": "counts requests, of addresses too, before anybody is known"},
    "notifications": {"spent_requests": "counts requests, of addresses too, before anybody is known"},
}
# What coordinators keep for themselves, of whichever organisation.
COORDINATORS = {"catalog": {"follow_ups"}, "matching": set[str](), "notifications": set[str]()}
# Read by everybody, so their policy lets everybody read; who writes them is another matter.
PUBLIC = {
    "catalog": {"organisations", "parameters"},
    "matching": {
        *("demands", "supplies", "lots", "organisations", "legal_entities", "exposure_figures", "weight_tables")
    },
    "notifications": set[str](),
}
DOORS: dict[str, list[str]] = {
    "catalog": [
        *(
            "account_of_address",
            "account_of_identity",
            "audit_lines",
            "campaign_received",
            "campaign_supporters",
            "exchange_facts",
            "identity_of",
            "identity_of_key",
        ),
        *("questions_waiting", "signatories", "stuck_agreements", "stuck_proposals", "stuck_questions"),
        *("stuck_subscriptions", "stuck_suppliers", "stuck_takings", "territory_impact"),
    ],
    "matching": ["is_suspended"],
    "notifications": ["is_suspended", "letter_by_link"],
}
MESSAGES = {"inbox", "dead_letter", "attempt", "outbox"}
# The worker's alone, but for an outbox whose payloads pages cannot read.
UNSEEN = {
    "catalog": {"imported_rows", "told_endings", "stripe_events", *MESSAGES},
    "matching": {"losses", "answers", *MESSAGES},
    "notifications": {
        "organisations",
        "members",
        "contacts",
        "deliveries",
        "security_letters",
        "written_before",
        "webhook_secrets",
        "call_tellings",
        *MESSAGES,
    },
}
# What stands still so that `boucle migrate` may be asked how far it is.
VERSION = "alembic_version"


@pytest.mark.promise(46, 47)
@pytest.mark.parametrize(("scene", "table"), ROWS, indirect=["scene"])
async def test_a_question_without_condition_finds_ones_own_and_no_other(scene: Scene, table: str) -> None:
    owner, pages = owner_of(scene), scene.database.both.pages
    await complete(scene, owner)
    rows = await private(scene, owner, table)
    assert rows & await everything(pages, NOBODY, table) == set()
    assert rows & await everything(pages, Acting(uuid4(), uuid4()), table) == set()
    assert rows <= await everything(pages, owner, table)


@pytest.mark.promise(46)
async def test_a_supplier_reads_how_it_fits_and_not_how_others_do(matching_scene: Scene) -> None:
    pages = matching_scene.database.both.pages
    async with matching_scene.database.sessions.begin() as session:
        suppliers = list(await session.scalars(text("SELECT DISTINCT organisation_id FROM matches")))
    assert len(suppliers) > 1
    for supplier in suppliers:
        async with pages.acting(Acting(supplier, uuid4())) as session:
            for table in ("matches", "match_history", "solicitations"):
                seen = set(await session.scalars(text(f"SELECT organisation_id FROM {table}")))
                assert seen == {supplier}, table


@pytest.mark.promise(46)
async def test_a_coordinator_reads_rankings(matching_scene: Scene) -> None:
    owner, pages = owner_of(matching_scene), matching_scene.database.both.pages
    rows = await private(matching_scene, owner, "matches")
    assert rows <= await everything(pages, Acting(uuid4(), uuid4(), is_coordinator=True), "matches")


A_CONTACT = """
    INSERT INTO follow_ups (id, organisation_id, means, result, words, phone, noted_by, noted_at)
    VALUES (gen_random_uuid(), :org, 'phone', 'reached', 'Entre nous.', '', :member, now())
"""


@pytest.mark.promise(46, 47)
async def test_the_call_log_is_read_and_written_by_coordinators_alone(catalog_scene: Scene) -> None:
    owner, pages = owner_of(catalog_scene), catalog_scene.database.both.pages
    values = {"org": owner.organisation_id, "member": owner.member_id}
    async with catalog_scene.database.sessions.begin() as session:
        await session.execute(text(A_CONTACT), values)
    for acting in (NOBODY, owner, Acting(uuid4(), uuid4())):
        assert await everything(pages, acting, "follow_ups") == set()
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with pages.acting(acting) as session:
                await session.execute(text(A_CONTACT), values)
    coordinator = Acting(uuid4(), owner.member_id, is_coordinator=True)
    assert len(await everything(pages, coordinator, "follow_ups")) == 1
    async with pages.acting(coordinator) as session:
        await session.execute(text(A_CONTACT), values)


@pytest.mark.promise(46)
async def test_a_notice_for_one_member_is_not_a_colleagues(notifications_scene: Scene) -> None:
    owner, pages = owner_of(notifications_scene), notifications_scene.database.both.pages
    async with notifications_scene.database.sessions.begin() as session:
        await session.execute(text("UPDATE notices SET member_id = :member"), {"member": owner.member_id})
    rows = await private(notifications_scene, owner, "notices")
    assert rows & await everything(pages, owner._replace(member_id=uuid4()), "notices") == set()
    assert rows <= await everything(pages, owner, "notices")


async def told_by_forgetful_queries(scene: Scene, who: str) -> AsyncGenerator[str]:
    """What the whole matrix of one stranger gives away when no query asks whose rows it may find.

    PostgreSQL does let a coordinator read, and only read, what was sent to coordinators.
    """
    before = await scene.owners_rows()
    shown = scene.for_coordinators if who == "coordinator" else frozenset[str]()
    with forgetful_queries():
        for route in scene.routes:
            for address in route.addresses(scene.ids, words=BAIT):
                async with scene.aside():
                    written = await scene.written()
                    answer = await scene.ask(who, route, address)
                    fault = wrong_with(scene, who, route, answer, shown=shown)
                    is_change = route.is_unsafe and not is_their_work(who, route)
                    if fault is None and is_change and await scene.changed(before, written):
                        fault = "changes rows"
                if fault:
                    yield f"{route.method} {address} {fault}"


@pytest.mark.promise(46, 47)
@pytest.mark.parametrize(("scene", "who"), MATRIX, indirect=["scene"])
async def test_queries_that_forget_their_condition_still_tell_nothing(scene: Scene, who: str) -> None:
    assert [told async for told in told_by_forgetful_queries(scene, who)] == []


@pytest.mark.promise(47)
@pytest.mark.parametrize("scene", SERVICES, indirect=True)
async def test_without_policies_the_same_queries_tell(scene: Scene) -> None:
    """Otherwise the mutation would say nothing."""
    async with scene.database.connection() as connection:
        await connection.exec_driver_sql("RESET ROLE")
        for table in PRIVATE[scene.app.service]:
            await connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    async with aclosing(told_by_forgetful_queries(scene, "editor")) as told:
        assert await anext(told, None)


Structure = tuple[str, AsyncConnection]


@pytest.fixture(params=SERVICES)
async def structure(engines: Engines, request: pytest.FixtureRequest) -> AsyncIterator[Structure]:
    """A service's name, and its database as the superuser sees it."""
    admin = Database(engines.instance.admin_database_url(request.param))
    async with admin.engine.connect() as connection:
        yield request.param, connection
    await admin.close()


async def rows(connection: AsyncConnection, question: str, **values: object) -> list[Any]:
    return list(await connection.execute(text(question), values))


@pytest.mark.promise(46, 47)
async def test_every_table_has_policies_or_a_reason(structure: Structure) -> None:
    """INVARIANT: a new table is kept apart, or stands in a list with why not."""
    service, connection = structure
    tables = await rows(
        connection,
        """
        SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS is_kept,
               c.relowner::regrole::text AS owner
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        """,
    )
    assert {each.owner for each in tables} == {f"{service}_owner"}
    assert {each.name for each in tables if not each.is_kept} == {VERSION, *SHARED[service]}
    known = {*PRIVATE[service], *PUBLIC[service], *UNSEEN[service], *COORDINATORS[service]}
    assert {each.name for each in tables if each.is_kept} == known


@pytest.mark.promise(47)
async def test_policies_are_for_named_roles_and_without_settings_show_nothing_private(structure: Structure) -> None:
    service, connection = structure
    policies = await rows(
        connection, "SELECT tablename, policyname, roles::text[] AS roles, cmd, qual, with_check FROM pg_policies"
    )
    for each in policies:
        roles = set(each.roles)
        if each.policyname == "everything":
            assert roles == {f"{service}_work", f"{service}_owner"}
        elif each.policyname == "reading":
            assert (roles, each.cmd) == ({f"{service}_read"}, "SELECT")
        else:
            assert roles == {f"{service}_app"}
            is_open = "true" in (each.qual, each.with_check)
            assert not is_open or each.tablename in {*PUBLIC[service], "outbox", "stripe_events"}, each
    for table in UNSEEN[service]:
        rights = await rows(
            connection, "SELECT has_table_privilege(:role, :table, 'SELECT')", role=f"{service}_app", table=table
        )
        assert rights[0][0] is False, table


@pytest.mark.promise(47)
async def test_the_pages_role_owns_nothing_and_passes_no_policy(structure: Structure) -> None:
    service, connection = structure
    for kind in ("app", "work"):
        role = f"{service}_{kind}"
        powers = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = :role"
        assert [each[0] for each in await rows(connection, powers, role=role)] == [False]
        owned = "SELECT objid FROM pg_shdepend WHERE refobjid = CAST(:role AS regrole) AND deptype = 'o'"
        assert await rows(connection, owned, role=role) == []
        member = "SELECT roleid FROM pg_auth_members WHERE member = CAST(:role AS regrole)"
        assert await rows(connection, member, role=role) == []


@pytest.mark.promise(47)
async def test_the_doors_are_these_and_no_other(structure: Structure) -> None:
    """INVARIANT: a function that runs as the owner sees all rows; these answer one question each."""
    service, connection = structure
    question = """
        SELECT proname, proconfig FROM pg_proc
        WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname
    """
    found = await rows(connection, question)
    assert [each.proname for each in found] == DOORS[service]
    assert all(each.proconfig == ["search_path=public, pg_temp"] for each in found)


@pytest.mark.promise(47)
@pytest.mark.parametrize("service", SERVICES)
def test_pages_whose_worker_runs_apart_do_not_know_its_password(
    engines: Engines, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = engines.instance
    instance.write_settings()
    secrets = [instance.password(f"{service}_{kind}") for kind in ("work", "owner")]
    monkeypatch.setenv(f"BOUCLE_{service.upper()}_WORK_DATABASE_URL", f"postgresql://x:{secrets[0]}@127.0.0.1/x")
    listener = listen_on("127.0.0.1", free_port())
    pages = ServicesProcess(instance, listener, apart=APART)
    try:
        told = pages.environment()
    finally:
        listener.close()
        pages.signals.close()
    settings = Path(told[f"BOUCLE_{service.upper()}_SETTINGS"]).read_text(encoding="utf-8")
    everything = settings + json.dumps(told)
    assert (secrets[0] in everything) is (service not in APART)
    assert instance.password(f"{service}_app") in settings


@pytest.mark.promise(47)
def test_a_worker_without_its_role_is_refused_in_words(matching_settings: MatchingSettings) -> None:
    """Bound by policies it would find nothing to do, and say nothing."""
    settings = matching_settings.model_copy(update={"work_database_url": None, "worker": True})
    with pytest.raises(WorkDatabaseMissing, match="BOUCLE_MATCHING_WORK_DATABASE_URL is not set"):
        create_matching(settings)
    create_matching(settings.model_copy(update={"worker": False}))
