"""How much a member, an organisation and an address may ask in a minute, across all processes.

A process takes a twentieth of a limit (250 at most) at a time from the database, in one statement for all three, and
spends it in memory: most requests cost no round trip, and a process that was told "no more" asks again in the next
minute only. The minute is the database's. What a process took and did not spend is lost with the minute, so that limits
are kept from above: never more passes than the limit, whatever the number of processes.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Literal, get_args

from shared.database import Database
from shared.database.statement import Statement
from shared.refusal import Refusal
from shared.settings import RateLimits
from shared.web.csrf import SAFE_METHODS
from shared.web.pages import Req
from shared.web.urls import is_api
from shared.web.visit import Visit

WINDOW_S = 60
SHARES = 20
# A process that ends takes its share along: a share is never much, however wide the limit.
SHARE_MOST = 250
# As many subjects are remembered before those of past minutes are forgotten.
REMEMBERED = 10_000
# The prefix that one subscriber has whole.
IPV6_PREFIX = 64
NOWHERE = "unknown"

# What has a limit of its own beside that of requests.
Purpose = Literal["downloads", "assistants"]
PURPOSES = get_args(Purpose)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A row written in a later minute is not taken back to an earlier one by whoever waited for its lock.
TAKE = Statement(f"""
    INSERT INTO spent_requests AS kept (subject, minute, spent)
    SELECT asked.subject, floor(extract(epoch FROM clock_timestamp()) / {WINDOW_S})::bigint, asked.wanted
    FROM unnest(CAST(:subjects AS text[]), CAST(:wanted AS int[])) AS asked (subject, wanted) ORDER BY asked.subject
    ON CONFLICT (subject) DO UPDATE SET
        spent = excluded.spent + CASE WHEN kept.minute >= excluded.minute THEN kept.spent ELSE 0 END,
        minute = greatest(kept.minute, excluded.minute)
    RETURNING subject, spent,
        ((minute + 1) * {WINDOW_S} - extract(epoch FROM clock_timestamp()))::float8 AS left_s
""")
FORGET = Statement(f"""
    DELETE FROM spent_requests WHERE minute < floor(extract(epoch FROM clock_timestamp()) / {WINDOW_S})::bigint - 1
""")


class TooManyRequests(Refusal):
    """A member, an organisation or an address asked more than its limit in this minute."""

    status = 429
    sentence = "Trop de demandes à la suite : réessayez dans {seconds} s."

    @property
    def headers(self) -> Mapping[str, str]:
        """When to come back."""
        return {"retry-after": str(self.values["seconds"])}


@dataclass
class Share:
    """What this process may still let pass of a subject's limit until its minute ends."""

    until: float
    left: int
    # Left in the database when the share was taken.
    beyond: int


class Limiter:
    """Counts the requests of one service's process."""

    def __init__(self, limits: RateLimits, trusted_proxies: Sequence[Network]) -> None:
        self._limits = limits
        self._trusted = trusted_proxies
        self._shares: dict[str, Share] = {}
        self._policy = ", ".join(_policy(name, limit) for name, limit in limits if name not in PURPOSES)

    async def count(self, request: Req, visit: Visit, database: Database) -> None:
        """Count one request, if it is of a kind that is limited; raises `TooManyRequests`."""
        if request.method in SAFE_METHODS and not is_api(request.scope["path"]):
            return
        await self._spend(visit, self._subjects(request, visit), database)

    async def count_for(self, purpose: Purpose, request: Req, visit: Visit, database: Database) -> None:
        """Count what takes more than a request does, by its own limit for an address; raises `TooManyRequests`."""
        subject = f"{purpose} {client_address(request, self._trusted)}"
        await self._spend(visit, {subject: getattr(self._limits, purpose)}, database)

    async def _spend(self, visit: Visit, subjects: Mapping[str, int], database: Database) -> None:
        now = time.monotonic()
        # Others of this process spend while one waits for its share: nobody is refused what is left in the database.
        while any(self._share(subject, now) is None for subject in subjects):
            await self._take(subjects, now, database)
            now = time.monotonic()
        shares = {subject: self._shares[subject] for subject in subjects}
        tightest = min(shares, key=lambda subject: shares[subject].left + shares[subject].beyond)
        refused = [share for share in shares.values() if share.left <= 0]
        if not refused:
            for share in shares.values():
                share.left -= 1
        self._say(visit, tightest, shares[tightest], now)
        if refused:
            raise TooManyRequests(seconds=max(1, ceil(max(share.until for share in refused) - now)))

    def _subjects(self, request: Req, visit: Visit) -> dict[str, int]:
        subjects = {f"address {client_address(request, self._trusted)}": self._limits.address}
        if visit.identity is not None:
            subjects[f"member {visit.identity.member_id}"] = self._limits.member
            subjects[f"organisation {visit.identity.organisation_id}"] = self._limits.organisation
        return subjects

    def _share(self, subject: str, now: float) -> Share | None:
        """What is left of a subject's share; None when another one should be asked for."""
        share = self._shares.get(subject)
        if share is None or share.until <= now or (share.left <= 0 and share.beyond > 0):
            return None
        return share

    async def _take(self, subjects: Mapping[str, int], now: float, database: Database) -> None:
        wanting = [subject for subject in subjects if self._share(subject, now) is None]
        wanted = {subject: min(SHARE_MOST, max(1, subjects[subject] // SHARES)) for subject in wanting}
        async with database.connection() as connection:
            rows = await TAKE.fetch(connection, subjects=wanting, wanted=list(wanted.values()))
        if len(self._shares) > REMEMBERED:
            self._shares = {subject: share for subject, share in self._shares.items() if share.until > now}
        for subject, spent, left_s in rows:
            limit = subjects[subject]
            granted = min(wanted[subject], max(0, limit - (spent - wanted[subject])))
            # Others of this process may have taken a share too while this one was on its way.
            before = self._share(subject, now)
            left = granted + (before.left if before else 0)
            # Counted from before the question, so that it ends no later than the database's minute.
            self._shares[subject] = Share(now + left_s, left, max(0, limit - spent))

    def _say(self, visit: Visit, subject: str, share: Share, now: float) -> None:
        """What draft-ietf-httpapi-ratelimit-headers has an answer tell."""
        left, seconds = max(0, share.left + share.beyond), max(0, ceil(share.until - now))
        name = subject.partition(" ")[0]
        special = f", {_policy(name, getattr(self._limits, name))}" if name in PURPOSES else ""
        visit.headers["ratelimit-policy"] = self._policy + special
        visit.headers["ratelimit"] = f'"{name}";r={left};t={seconds}'


def _policy(name: str, limit: int) -> str:
    return f'"{name}";q={limit};w={WINDOW_S}'


def client_address(request: Req, trusted: Sequence[Network]) -> str:
    """Where a request comes from: the connection's other end, or what trusted proxies say of theirs.

    `X-Forwarded-For` is read from its end: what stands before the last untrusted address is that one's word only.
    """
    client = request.client
    address = _address(client.host) if client else None
    forwarded = request.headers.get("x-forwarded-for")
    hops = forwarded.split(",") if forwarded is not None and trusted else []
    while address is not None and hops and any(address in network for network in trusted):
        address = _address(hops.pop())
    if address is None:
        return NOWHERE
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
