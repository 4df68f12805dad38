"""What a change was based on: the versions its caller has seen, compared with the row that is about to change.

A session carries them from the request to the first row that is locked; nothing in between needs to pass them on.
"""

import re
from collections.abc import Collection
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shared.refusal import Refusal

# What 32 bits hold has ten digits at most.
VERSION: Final = re.compile(r"[0-9]{1,10}")
# Any version will do, as long as there is one; columns hold 32 bits.
ANY: Final = range(2**31)
_SEEN = "versions_seen"


class ChangedMeanwhile(Refusal):
    """Somebody saved a newer version than the one this change was based on."""

    status = 412
    sentence = "Quelqu'un a enregistré une autre version entre-temps. Relisez-la, puis recommencez."


class VersionNotNamed(Refusal):
    """The request does not say which version it changes."""

    status = 428
    sentence = "Dites dans l'en-tête If-Match quelle version vous modifiez : c'est l'ETag de votre dernière lecture."
    field = "If-Match"


def expect(session: AsyncSession, versions: Collection[int] | None) -> None:
    """Let the first row that this session locks be of one of these versions; None: the caller named none."""
    session.info[_SEEN] = versions


def hand_on(asked: AsyncSession | None, session: AsyncSession) -> None:
    """Let another session refuse what this one was told to: for a request that is done in several transactions."""
    if asked is not None and _SEEN in asked.info:
        session.info[_SEEN] = asked.info[_SEEN]


def refuse_when_changed(session: AsyncSession, version: int) -> None:
    """Raise `VersionNotNamed` or `ChangedMeanwhile` for a row just locked, unless its version is expected.

    Only once: the row that a request names is the first that it locks.
    """
    if _SEEN not in session.info:
        return
    seen: Collection[int] | None = session.info.pop(_SEEN)
    if seen is None:
        raise VersionNotNamed
    if version not in seen:
        raise ChangedMeanwhile
