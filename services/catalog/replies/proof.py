"""Whether a mail comes from the address it names, as the operator's mail server found: `From` alone proves nothing."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

from authres import AuthenticationResultsHeader
from authres.core import AuthResError

HEADER = "Authentication-Results"
# Longer than any server writes; what is nested in it is read by recursion.
LONGEST_HEADER = 4000


def is_from(mail: EmailMessage, address: str, *, authserv_id: str) -> bool:
    """True when the one author of a mail is this address, and our own mail server says that its domain sent it.

    Headers of others, or of that name further down, which came with the mail, say nothing (RFC 8601, 5).
    """
    author = _author(mail)
    if author is None or author != address.lower():
        return False
    domain = author.rpartition("@")[2]
    return any(_says_so(each, domain) for each in _results(mail, authserv_id))


def _author(mail: EmailMessage) -> str | None:
    """The one author, if `From` says it plainly: what a mail server could read as nobody was not looked at by it."""
    found = mail.get_all("From") or []
    addresses = [each for header in found for each in header.addresses]
    if not len(found) == len(addresses) == 1:
        return None
    is_plain = not found[0].defects and [each.display_name for each in found[0].groups] == [None]
    return str(addresses[0].addr_spec).lower() if is_plain else None


def _results(mail: EmailMessage, authserv_id: str) -> Iterator[Any]:
    """The results of the topmost header that is our server's; a DMARC result that is there decides alone.

    As it stands in the mail: our server writes its name plainly, and finds no other spelling of it to take away.
    """
    for name, raw in mail.raw_items():
        value = "".join(str(raw).splitlines())
        if name.lower() != HEADER.lower() or len(value) > LONGEST_HEADER:
            continue
        try:
            parsed = AuthenticationResultsHeader.parse_value(value)
        except (AuthResError, RecursionError):
            continue
        if str(parsed.authserv_id or "").lower() == authserv_id:
            by_dmarc = [each for each in parsed.results if each.method == "dmarc" and each.result != "none"]
            yield from by_dmarc or parsed.results
            return


def _says_so(result: Any, domain: str) -> bool:
    """DMARC passed for the domain; or DKIM did, by that domain or one that it is below."""
    if result.result != "pass" or result.method not in ("dmarc", "dkim"):
        return False
    name = "from" if result.method == "dmarc" else "d"
    named = [str(each.value).lower() for each in result.properties if (each.type, each.name) == ("header", name)]
    if len(named) != 1:
        return False
    return domain == named[0] or (result.method == "dkim" and "." in named[0] and domain.endswith(f".{named[0]}"))
