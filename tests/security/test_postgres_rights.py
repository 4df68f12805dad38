"""INVARIANT: a database role can do its service's work and nothing else, in the schema as the migrations leave it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import pytest

from deploy.embedded.credentials import database_roles
from deploy.embedded.engines import Engines
from shared.messaging.worker import asyncpg_dsn
from tests.security.conftest import SERVICES

Connection = Any
Enter = Callable[..., AbstractAsyncContextManager[Connection]]
ROLES = [role for role in database_roles() if not role.endswith("_owner")]
# A table that every service has.
TABLE = "outbox"
FORBIDDEN = (
    # structure
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE SCHEMA mine",
    f"CREATE VIEW mine AS SELECT * FROM {TABLE}",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE mine AS ENUM ('a')",
    "DROP EXTENSION plpgsql",
    f"ALTER TABLE {TABLE} ADD COLUMN mine int",
    f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL",
    f"ALTER TABLE {TABLE} OWNER TO CURRENT_USER",
    f"CREATE INDEX ON {TABLE} (type)",
    f"DROP TABLE {TABLE}",
    f"TRUNCATE {TABLE}",
    f"COMMENT ON TABLE {TABLE} IS 'mine'",
    # the machine
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    f"COPY {TABLE} TO '/tmp/boucle-mine'",
    f"COPY {TABLE} FROM '/etc/passwd'",
    f"COPY {TABLE} TO PROGRAM 'id'",
    f"COPY {TABLE} FROM PROGRAM 'id'",
    "LOAD 'auto_explain'",
    # other people
    "SET ROLE boucle_admin",
    "SET SESSION AUTHORIZATION boucle_admin",
    "CREATE ROLE friend LOGIN",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE boucle_admin PASSWORD 'mine'",
    "GRANT pg_read_all_data TO CURRENT_USER",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM pg_hba_file_rules",
    # the server
    "CREATE DATABASE mine",
    "ALTER SYSTEM SET fsync = off",
    "ALTER DATABASE postgres SET search_path = mine",
    "SET session_replication_role = replica",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "SELECT pg_create_logical_replication_slot('mine', 'pgoutput')",
)


@pytest.fixture
def enter(engines: Engines) -> Enter:
    @asynccontextmanager
    async def entered(role: str, database: str | None = None) -> AsyncIterator[Connection]:
        service, kind = role.split("_")
        url = engines.instance.database_url(service, kind, database=database)
        connection = await asyncpg.connect(asyncpg_dsn(url), ssl=False, timeout=5)
        try:
            yield connection
        finally:
            await connection.close()

    return entered


@pytest.fixture
async def superuser(engines: Engines) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(asyncpg_dsn(engines.instance.admin_database_url()), ssl=False, timeout=5)
    yield connection
    await connection.close()


async def not_refused(connection: Connection, statements: Iterable[str]) -> list[str]:
    """The statements that go through, or fail for another reason than that the role may not."""
    found = []
    for statement in statements:
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            continue
        except asyncpg.PostgresError as error:
            found.append(f"{statement}: {error!r}")
        else:
            found.append(statement)
    return found


def service_of(role: str) -> str:
    return role.partition("_")[0]


async def tables(connection: Connection) -> list[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [row["tablename"] for row in rows]


@pytest.mark.promise(57)
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_refused_what_is_not_its_work(enter: Enter, role: str) -> None:
    async with enter(role) as connection:
        assert await not_refused(connection, [*FORBIDDEN, f"SET ROLE {service_of(role)}_owner"]) == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_empties_no_table_and_a_reader_changes_none(enter: Enter, role: str) -> None:
    forms = ["TRUNCATE {}", "ALTER TABLE {} ADD mine int", "DROP TABLE {}"]
    if role.endswith("_read"):
        forms += ["DELETE FROM {} WHERE false", "INSERT INTO {} DEFAULT VALUES", "SELECT * FROM {} FOR UPDATE"]
    async with enter(role) as connection:
        every = await tables(connection)
        assert TABLE in every
        assert await not_refused(connection, [form.format(table) for table in every for form in forms]) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_each_role_does_its_own_work(enter: Enter, service: str) -> None:
    """Otherwise the refusals above would say nothing."""
    own = {
        "app": f"SELECT version FROM {TABLE}",
        "work": f"DELETE FROM {TABLE} WHERE false",
        "read": f"SELECT * FROM {TABLE}",
    }
    for kind, statement in own.items():
        async with enter(f"{service}_{kind}") as connection:
            assert await not_refused(connection, [statement]) == [statement]


@pytest.mark.parametrize("kind", ["app", "work"])
@pytest.mark.parametrize("service", SERVICES)
async def test_the_schemas_version_is_the_owners_alone(enter: Enter, service: str, kind: str) -> None:
    """Whoever could write it would decide which migrations run."""
    writes = ["DELETE FROM alembic_version WHERE false", "INSERT INTO alembic_version VALUES ('mine')"]
    reads = ["SELECT * FROM alembic_version"]
    async with enter(f"{service}_{kind}") as connection:
        assert await not_refused(connection, writes + reads) == reads


@pytest.mark.promise(57)
@pytest.mark.parametrize("role", database_roles())
async def test_no_role_enters_another_database(enter: Enter, role: str) -> None:
    for database in {*SERVICES, "postgres", "template1"} - {service_of(role)}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with enter(role, database):
                pass


@pytest.mark.promise(57)
async def test_no_role_has_an_attribute_or_a_membership(superuser: Connection) -> None:
    """INVARIANT: rights come from grants on a service's own database, so that they are all to be seen there."""
    powers = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
    roles = database_roles()
    known = await superuser.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = ANY($1)", roles)
    mighty = await superuser.fetch(f"SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND ({powers})", roles)
    members = await superuser.fetch(
        "SELECT member::regrole, roleid::regrole FROM pg_auth_members WHERE member::regrole::text = ANY($1)", roles
    )
    assert (known, mighty, members) == (len(roles), [], [])


@pytest.mark.promise(57)
async def test_everybody_needs_a_password_and_comes_over_loopback(superuser: Connection) -> None:
    """Trust in a socket's owner would let in any user of the machine: there is no socket, and no such rule."""
    rules = await superuser.fetch("SELECT type, address, auth_method, error FROM pg_hba_file_rules")
    assert [tuple(rule.values()) for rule in rules] == [("host", "127.0.0.1", "scram-sha-256", None)]
    assert await superuser.fetchval("SHOW unix_socket_directories") == ""
    assert await superuser.fetchval("SHOW listen_addresses") == "127.0.0.1"
    plain = "SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'"
    assert await superuser.fetch(plain) == []


@pytest.mark.promise(57)
@pytest.mark.parametrize("role", ["boucle_admin", *database_roles()])
@pytest.mark.parametrize("password", ["", "wrong", "boucle_admin", "postgres"])
async def test_a_wrong_password_is_refused(engines: Engines, role: str, password: str) -> None:
    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InterfaceError)):
        await asyncpg.connect(
            host="127.0.0.1", port=engines.instance.postgres_port, user=role, password=password, ssl=False,
            database="postgres" if role == "boucle_admin" else service_of(role),
        )  # fmt: skip
