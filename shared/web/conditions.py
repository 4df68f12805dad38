"""Entity tags: `"<version>-<digest>"`, where the version counts what its owner changed and the digest covers the rest.

A reader compares whole tags (RFC 9110): what another service counted since is news to them. Whoever changes something
names the version only, because such a count must not refuse their change.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Collection
from hashlib import blake2b
from typing import Final

from shared.database.versions import ANY, VERSION
from shared.web.errors import HeaderMalformed

IF_MATCH: Final = "If-Match"
DIGEST_BYTES = 9
TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)')


def tag_of(body: bytes, version: int | None = None) -> str:
    """The entity tag of an answer."""
    digest = urlsafe_b64encode(blake2b(body, digest_size=DIGEST_BYTES).digest()).decode()
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def is_among(tag: str, if_none_match: str) -> bool:
    """True when a reader holds this answer already."""
    held = {opaque for _, opaque in TAG.findall(if_none_match)}
    return if_none_match.strip() == "*" or tag.strip('"') in held


def versions_in(if_match: str) -> Collection[int]:
    """The versions that an `If-Match` names: a weak tag, or one that is not ours, matches none.

    Raises `HeaderMalformed`.
    """
    if if_match.strip() == "*":
        return ANY
    if not if_match.strip() or TAG.sub("", if_match).strip():
        raise HeaderMalformed(IF_MATCH)
    heads = [opaque.partition("-")[0] for weak, opaque in TAG.findall(if_match) if not weak]
    return {int(head) for head in heads if VERSION.fullmatch(head)}
