"""The migrations that the code brings, read from their files: alembic itself takes most of a second to import."""

import re
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r'^(revision|down_revision)(?:: .*)? = (?:"(.+)"|None)$', re.MULTILINE)


@cache
def revisions_of(service: str) -> dict[str, str | None]:
    """Each revision of a service, with the one that it follows."""
    folder = PROJECT / "services" / service / "migrations" / "versions"
    files = (dict(NAMED.findall(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.py")))
    return {each["revision"]: each["down_revision"] or None for each in files}


def head_of(service: str) -> str:
    """The newest revision: the one that no other follows."""
    chain = revisions_of(service)
    (head,) = chain.keys() - set(chain.values())
    return head
