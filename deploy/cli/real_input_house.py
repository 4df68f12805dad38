"""Where a real-input run takes place by default: a throw-away Boucle, put together as `boucle up` does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from deploy.embedded.credentials import SERVICES
from deploy.embedded.data_folder import write_private
from deploy.embedded.engines import temporary_engines
from deploy.embedded.instance import Instance
from deploy.embedded.ports import LOOPBACK, free_port, listen_on
from deploy.embedded.prepare import prepare
from deploy.embedded.services_process import ServicesProcess


@asynccontextmanager
async def throw_away_house() -> AsyncIterator[Instance]:
    """Engines with the durability of production, all services in their own process, and no demonstration in it."""
    port = free_port()
    with listen_on(LOOPBACK, port) as listener:
        async with temporary_engines(durable=True) as engines:
            instance = replace(engines.instance, public_url=f"http://{LOOPBACK}:{port}")
            _write_settings(instance)
            await prepare(instance)
            services = ServicesProcess(instance, listener)
            try:
                await services.start()
                yield instance
            finally:
                await services.stop()
                services.signals.close()


def _write_settings(instance: Instance) -> None:
    """Always open: a run at night asks suppliers too."""
    instance.write_settings()
    for service in SERVICES:
        path = instance.settings_file(service)
        write_private(path, json.dumps(json.loads(path.read_text()) | {"always_open": True}))
