"""The published language of Boucle: every event, its envelope, its subject and its version.

One module per publishing service; `registry()` knows them all.
"""

from shared.events.envelope import Envelope, decode, encode
from shared.events.event import Event, registry

__all__ = ["Envelope", "Event", "decode", "encode", "registry"]
