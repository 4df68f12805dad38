"""The garbage collector of a long-lived server: what was imported is never looked at again, the rest more rarely."""

import gc

# Requests and events are freed by reference counting; a full search for cycles every few hundred allocations cost
# about one twentieth of the processor.
THRESHOLD = (50_000, 20, 20)


def begin() -> None:
    """Call before anything is imported: all of it stays, and looking for what does not took a quarter of the start."""
    gc.disable()


def settle() -> None:
    """Call once, when everything is imported and built."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLD)
