"""The twin's memory: one SQLite file, so that neither a killed caller nor a twin started again loses anything."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
create table if not exists objects (
  seq integer primary key autoincrement, id text unique not null, kind text not null, account text not null,
  created integer not null, body text not null, hidden text not null default '{}', key text not null default ''
);
create index if not exists objects_of_kind on objects (kind, account, seq);
create table if not exists requests (
  account text not null, key text not null, asked text not null, status integer not null, answer text not null,
  primary key (account, key)
);
create table if not exists events (
  seq integer primary key autoincrement, id text unique not null, version text not null, type text not null,
  account text not null, created integer not null, body text not null, notice text not null
);
create table if not exists deliveries (
  seq integer primary key autoincrement, event text not null, destination integer not null,
  attempts integer not null default 0, due real not null, state text not null default 'waiting', said integer
);
create index if not exists deliveries_waiting on deliveries (state, due);
create table if not exists effects (
  seq integer primary key autoincrement, kind text not null, object text not null, cents integer not null,
  key text not null, request text not null, at integer not null
);
create table if not exists control (name text primary key, value text not null);
"""


class Store:
    """Objects by id as Stripe shows them; `hidden` is what the twin knows of one and never shows."""

    def __init__(self, path: Path | str) -> None:
        # One event loop uses it, and a test's own thread at most reads.
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self.db.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + SCHEMA)

    def close(self) -> None:
        """Leave the file whole, without its log."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing of it."""
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    def now(self) -> int:
        """Seconds since 1970 by the twin's clock, which a test may put forward."""
        return int(time.time()) + int(self.control("clock", 0))

    def add(self, body: Json, *, account: str = "", key: str = "", **hidden: Any) -> Json:
        """Keep a new object; it belongs to the platform unless an account is named."""
        self.db.execute(
            "insert into objects (id, kind, account, created, body, hidden, key) values (?, ?, ?, ?, ?, ?, ?)",
            (body["id"], body["object"], account, self.now(), json.dumps(body), json.dumps(hidden), key),
        )
        return body

    def save(self, body: Json) -> Json:
        """Keep what has changed of an object."""
        self.db.execute("update objects set body = ? where id = ?", (json.dumps(body), body["id"]))
        return body

    def get(self, name: str, *, kind: str | None = None, account: str | None = None) -> Json | None:
        """The object of this id, of this kind and account when they are said."""
        row = self.db.execute(
            "select body from objects where id = ? and kind = coalesce(?, kind) and account = coalesce(?, account)",
            (name, kind, account),
        ).fetchone()
        return json.loads(row[0]) if row else None

    def hidden(self, name: str) -> Json:
        """What is known of an object and not shown."""
        row = self.db.execute("select hidden from objects where id = ?", (name,)).fetchone()
        found: Json = json.loads(row[0]) if row else {}
        return found

    def hide(self, name: str, **changes: Any) -> None:
        """Remember more of it."""
        body = json.dumps(self.hidden(name) | changes)
        self.db.execute("update objects set hidden = ? where id = ?", (body, name))

    def key_of(self, name: str) -> str:
        """The idempotency key of the call that made an object."""
        row = self.db.execute("select key from objects where id = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def objects(self, kind: str, *, account: str | None = "") -> list[Json]:
        """All of a kind, newest first; of every account with None."""
        rows = self.db.execute(
            "select body from objects where kind = ? and account = coalesce(?, account) order by seq desc",
            (kind, account),
        )
        return [json.loads(body) for (body,) in rows]

    def owners(self, kind: str) -> list[tuple[str, Json]]:
        """All of a kind with the account each belongs to, oldest first."""
        rows = self.db.execute("select account, body from objects where kind = ? order by seq", (kind,))
        return [(account, json.loads(body)) for account, body in rows]

    def control(self, name: str, default: Any = None) -> Any:
        """What a test has ordered."""
        row = self.db.execute("select value from control where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def order(self, name: str, value: Any) -> None:
        """Remember an order of a test."""
        self.db.execute("insert or replace into control (name, value) values (?, ?)", (name, json.dumps(value)))

    def effect(self, kind: str, body: Json, *, cents: int, key: str, request: str) -> None:
        """Write down that money moved, and which call moved it."""
        self.db.execute(
            "insert into effects (kind, object, cents, key, request, at) values (?, ?, ?, ?, ?, ?)",
            (kind, body["id"], cents, key, request, self.now()),
        )

    def rows(self, query: str, values: Iterable[Any] = ()) -> list[Json]:
        """Rows of any table by their columns' names."""
        cursor = self.db.execute(query, tuple(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def new_id(prefix: str) -> str:
    """As Stripe makes them: the kind, then what nobody guesses."""
    return f"{prefix}_{secrets.token_hex(12)}"
