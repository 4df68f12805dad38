"""What a request brings besides its content: language, visitor, identity, and the cookies that carry them."""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from litestar import Request
from litestar.datastructures import Cookie

from shared.database.acting import NOBODY, Acting
from shared.identity import Identity
from shared.refusal import Refusal
from shared.web.urls import in_language

SESSION_COOKIE = "__Host-session"
IDENTITY_COOKIE = "__Host-identity"
VISITOR_COOKIE = "__Host-visitor"
FLASH_COOKIE = "__Host-flash"
THEME_COOKIE = "theme"
VISITOR_BYTES = 24
VISITOR = re.compile(r"[A-Za-z0-9_-]{32}")
# What RFC 3986 lets stand in a path as it is.
PATH_SAFE = "/:@!$&'()*+,;="


@dataclass
class Visit:
    """One request's visitor; `path` is fit for a link, `cookies` and `headers` are set on the answer.

    `is_program` when it shows a key or token instead of cookies; `refused` is why it is turned away, once counted.
    """

    language: str = "fr"
    path: str = "/"
    identity: Identity | None = None
    visitor: str = ""
    theme: str | None = None
    csrf_token: str = ""
    cookies: list[Cookie] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    is_program: bool = False
    refused: Refusal | None = None

    def url(self, path: str) -> str:
        """An address of ours in the visitor's language."""
        return in_language(path, self.language) if path.startswith("/") else path


def acting_of(identity: Identity | None) -> Acting:
    """For whom the database is asked: the one place to change when somebody acts for another organisation."""
    if identity is None:
        return NOBODY
    return Acting(identity.organisation_id, identity.member_id, is_coordinator="territory" in identity.roles)


def visit_of(request: Request[Any, Any, Any]) -> Visit:
    """The visit of a request, made on first use."""
    visit: Visit | None = request.scope["state"].get("visit")
    if visit is None:
        visit = Visit(
            language=str(request.scope.get("boucle.language", "fr")),
            # Quoted, because pages link to it: browsers read a backslash as a slash and skip a tab.
            path=quote(request.scope["path"], safe=PATH_SAFE),
            visitor=_ours(request.cookies.get(VISITOR_COOKIE, "")),
            theme=request.cookies.get(THEME_COOKIE),
        )
        if not visit.visitor:
            visit.visitor = secrets.token_urlsafe(VISITOR_BYTES)
            visit.cookies.append(cookie(VISITOR_COOKIE, visit.visitor))
        request.scope["state"]["visit"] = visit
    return visit


def _ours(visitor: str) -> str:
    # The browser's word, and CSRF tokens are made of it: one that reads as a session's id would bring that session's.
    return visitor if VISITOR.fullmatch(visitor) else ""


def cookie(name: str, value: str, *, max_age: int | None = None) -> Cookie:
    """A cookie only our pages see; `max_age=0` removes it."""
    return Cookie(key=name, value=value, path="/", secure=True, httponly=True, samesite="lax", max_age=max_age)


class Flash(NamedTuple):
    """A message for the next page; `typed` is what its form asked and was refused, by field."""

    kind: str
    text: str
    typed: dict[str, str]


def flash_cookie(kind: str, text: str, typed: Mapping[str, str] = {}) -> Cookie:
    """A message for the next page, once."""
    packed = urlsafe_b64encode(msgspec.json.encode([kind, text, typed])).decode()
    return cookie(FLASH_COOKIE, packed, max_age=60)


def take_flash(request: Request[Any, Any, Any], visit: Visit) -> Flash | None:
    """The message the previous answer left, which is removed with this one."""
    packed = request.cookies.get(FLASH_COOKIE)
    if not packed:
        return None
    visit.cookies.append(cookie(FLASH_COOKIE, "", max_age=0))
    try:
        return Flash(*msgspec.json.decode(urlsafe_b64decode(packed), type=tuple[str, str, dict[str, str]]))
    except ValueError:
        return None
