"""Sets a durable back to the beginning of its stream: after its reader's database was restored from a backup.

The broker then repeats everything it holds, also what its duplicate window would keep from being stored again; the
reader's inbox ignores what survived in the backup.
"""

from pathlib import Path

from shared.messaging.connection import close, connect
from shared.messaging.topology import ConsumerSpec

FROM_THE_BEGINNING = 1


async def rewind(nats_url: str, *, admin_seed_file: Path | None, durables: tuple[ConsumerSpec, ...]) -> int:
    """Set the durables back; returns how many messages will come again at most."""
    client = await connect(nats_url, user="admin", seed_file=admin_seed_file)
    try:
        jetstream = client.jetstream()
        for spec in durables:
            await jetstream.reset_consumer(spec.stream, spec.durable, seq=FROM_THE_BEGINNING)
        infos = [await jetstream.consumer_info(spec.stream, spec.durable) for spec in durables]
        return sum((info.num_pending or 0) + (info.num_ack_pending or 0) for info in infos)
    finally:
        await close(client)
