"""A Stripe on this machine: a small one of ours in this process, with its own checkout, clock and faults."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import stripe

from deploy.embedded.ports import listen_on
from deploy.embedded.server import Server
from deploy.stripe_twin.app import create_app
from deploy.stripe_twin.call import Destination, Settings

KEY, SECRET, TOKEN = "sk_test_twin", "whsec_twin", "control"
PATIENCE_S = 10.0


@dataclass
class RunningTwin:
    """`address` for `base_addresses={"api": ...}`; `api_key` and `secret` as a marketplace is told them."""

    address: str
    door: httpx.AsyncClient
    api_key: str = KEY
    secret: str = SECRET
    opened: list[stripe.HTTPXClient] = field(default_factory=list)

    def client(self, *, retries: int = 0) -> stripe.StripeClient:
        """Stripe's own client, asking the twin; `close` ends its connections."""
        http = stripe.HTTPXClient()
        self.opened.append(http)
        return stripe.StripeClient(
            self.api_key, base_addresses={"api": self.address}, max_network_retries=retries, http_client=http
        )

    async def close(self) -> None:
        """End the connections of every client it gave."""
        for http in self.opened:
            await http.close_async()  # type: ignore[no-untyped-call]

    async def do(self, what: str, name: str, **how: Any) -> dict[str, Any]:
        """What payers, banks and Stripe do: pay, bank, dispute, dispute-end, refund-fails, account."""
        body: dict[str, Any] = await self._asked("POST", f"/_twin/do/{what}", json={"id": name, **how})
        return body

    async def order(self, what: str, body: Any) -> Any:
        """Webhooks, forge, destinations, clock, faults, slow: see deploy/stripe_twin/control.py."""
        return await self._asked("POST", f"/_twin/{what}", json=body)

    async def told(self, what: str) -> Any:
        """effects, sums, events."""
        return await self._asked("GET", f"/_twin/{what}")

    async def settle(self) -> None:
        """Until every webhook is delivered, given up or dropped."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.door.get("/_twin/settled")).status_code != 200:
                await asyncio.sleep(0.02)

    async def press(self, address: str, choice: str) -> httpx.Response:
        """A button of one of its pages, without following where it leads."""
        return await self.door.post(address, data={"choice": choice, "lang": "fr"})

    async def _asked(self, method: str, path: str, **what: Any) -> Any:
        answer = await self.door.request(method, path, **what)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def running_twin(
    webhook_urls: Sequence[str] = (),
    *,
    secrets: tuple[str, ...] = (SECRET,),
    store: Path | None = None,
    **settings: Any,
) -> AsyncIterator[RunningTwin]:
    """One on a free loopback port, which tells the given addresses; on a store of its own unless one is named."""
    with tempfile.TemporaryDirectory(prefix="boucle-twin-") as folder:
        listener = listen_on("127.0.0.1", 0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        told = [Destination(url, secrets) for url in webhook_urls]
        wanted = Settings(address, KEY, told, TOKEN, **({"retry_after_s": 0.05} | settings))
        server = Server(create_app(wanted, store or Path(folder) / "twin.sqlite"), lambda: None, farewell_s=0.0)
        server.config.timeout_graceful_shutdown = 1
        serving = asyncio.create_task(server._serve([listener]))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as door:
                twin = RunningTwin(address, door)
                yield twin
                await twin.close()
        finally:
            server.leave()
            await serving
