"""The simulated Stripe as a supervised process beside the pages, in the mode `simulated`."""

from __future__ import annotations

import json
import signal
import sys
from typing import ClassVar

from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import PROJECT, DataFolder
from deploy.embedded.engine import Engine
from deploy.embedded.instance import LOOPBACK, Instance
from deploy.embedded.ports import remembered_ports
from deploy.embedded.process import Command, clean_environment

# No money is behind them: what they open is on this machine alone.
KEY, SECRET = "sk_test_twin", "whsec_twin"
FEE_PERMILLE = 20


def simulated(folder: DataFolder) -> dict[str, str]:
    """The variables by which the services ask the simulated Stripe of a folder, and say so on every page."""
    known = {
        "api_key": KEY,
        "webhook_secrets": [SECRET],
        "fee_permille": FEE_PERMILLE,
        "base_addresses": {"api": address_of(folder)},
    }
    modes = {f"BOUCLE_{service.upper()}_PAYMENT_MODE": "simulated" for service in SERVICES}
    return {**modes, "BOUCLE_CATALOG_STRIPE": json.dumps(known)}


def address_of(folder: DataFolder) -> str:
    """Where it answers, to the services and to browsers."""
    return f"http://{LOOPBACK}:{remembered_ports(folder, 'stripe-twin')['stripe-twin']}"


class TwinProcess(Engine):
    """It shows trouble by ending; its memory is a file of the folder."""

    stop_signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self.name = "The simulated Stripe"
        self.instance = instance
        self.address = address_of(instance.folder)
        self.log = instance.folder.logs / "stripe-twin.log"

    async def start(self) -> None:
        """Start it; who asks it before it answers asks again."""
        store = self.instance.folder.root / "stripe-twin.sqlite"
        told = f"{self.instance.public_url}/webhooks/stripe"
        command = [sys.executable, "-m", "deploy.cli.main", "stripe-twin", "--port", self.address.rpartition(":")[2]]
        self.process = Command(
            [*command, "--api-key", KEY, "--secret", SECRET, "--store", str(store), "--webhook-url", told],
            log=self.log,
            death_signal=signal.SIGKILL,
            environment=clean_environment(PYTHONPATH=str(PROJECT)),
        ).start()
