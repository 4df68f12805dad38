"""A person at a browser, without the browser: signs up, posts, and keeps a live stream open."""

import json
import re
import time
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

import httpx
from stdnum import luhn

from deploy.bench.manners import Manners

# As httpx has it.
KEEP_ALIVE_S = 5.0
MEALS = {
    "title": "Plateaux-repas livrés en entreprise",
    "need_kinds": ["procurement"],
    "categories": ["catering"],
    "zones": "30 km autour de Toulouse",
}


def made_up_siret(number: int) -> str:
    """A SIRET with right check digits that no real establishment is likely to have."""
    siren = _with_check(f"9999{number % 10_000:04d}")
    return _with_check(f"{siren}0001")


def _with_check(digits: str) -> str:
    return digits + luhn.calc_check_digit(digits)


class Person:
    """One visitor with their own cookies."""

    def __init__(self, url: str, *, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self._cookies: dict[str, str] = {}
        manners = Manners()
        hooks: dict[str, list[Any]] = {
            "request": [self._send_cookies, manners.say],
            "response": [self._keep_cookies, manners.remember],
        }
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=keep_alive_s)
        self.client = httpx.AsyncClient(base_url=url, timeout=30, event_hooks=hooks, limits=limits)

    # Browsers take Secure cookies from 127.0.0.1 over http, httpx does not.
    async def _send_cookies(self, request: httpx.Request) -> None:
        if self._cookies:
            request.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    async def _keep_cookies(self, response: httpx.Response) -> None:
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self._cookies.pop(name, None)
                else:
                    self._cookies[name] = morsel.value

    async def csrf(self, path: str) -> str:
        """The token in a page's form."""
        found = re.search(r'name="_csrf" value="([0-9a-f]+)"', (await self.client.get(path)).text)
        if found is None:
            raise LookupError(f"no form on {path}")
        return found[1]

    async def sign_up(self, number: int, *, role: str, name: str, place: str) -> None:
        """Make an account and its establishment."""
        form = {
            "roles": [role],
            "siret": made_up_siret(number),
            "organisation_name": name,
            "place": place,
            "person_name": f"Personne {number}",
            "email": f"personne{number}@banc.boucle.invalid",
            "password": "cheval agrafe pile",
            "_csrf": await self.csrf("/sign-up"),
        }
        answer = await self.client.post("/sign-up", data=form)
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise RuntimeError(answer.text[:2000])
        # From now on every request of this person carries the token of their session.
        self.client.headers["x-csrf-token"] = await self.csrf("/needs/new")

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """A JSON request that must succeed."""
        answer = await self.client.post(path, json=body or None)
        if answer.is_error:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found

    async def offer_meals(self) -> None:
        """Present an activity that fits what the benches' buyers ask for."""
        offer = await self.post("/api/v1/offers", **MEALS)
        await self.post(f"/api/v1/offers/{offer['id']}/publish")

    async def live(self) -> AsyncIterator[tuple[float, dict[str, Any]]]:
        """Every message of the live stream with the moment its bytes arrived; follows the token's renewal."""
        async with self.client.stream("GET", "/notifications/stream", follow_redirects=True, timeout=None) as stream:
            text = ""
            async for chunk in stream.aiter_raw():
                arrived = time.perf_counter()
                *messages, text = (text + chunk.decode()).split("\n\n")
                for message in messages:
                    data = [line[5:] for line in message.split("\n") if line.startswith("data:")]
                    if data:
                        yield arrived, json.loads("\n".join(data))

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
