"""What went wrong, in words for people and as RFC 9457 problem details for programs."""

import gzip
from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.status_codes import HTTP_401_UNAUTHORIZED
from msgspec import UNSET, Struct, UnsetType
from pydantic import ValidationError

from shared.messaging.transient import is_transient
from shared.refusal import Refusal
from shared.web.forms import field_errors
from shared.web.packing import takes_gzip
from shared.web.pages import Html, Req, gettext, is_fragment, page
from shared.web.urls import is_api
from shared.web.visit import visit_of

# Errors of the system that the database's return does not mend.
LASTING = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
RETRY_AFTER_S = 5
# For every answer of the services; more saves little and takes time.
GZIP_LEVEL = 9
# What msgspec says of JSON nested a thousand times, which Litestar lets through: the sender's mistake, not ours.
TOO_DEEP = "deserializing"

PROBLEM = "application/problem+json"
# draft-broyer-http-cookie-auth: no registered scheme says "sign in at this page". Or a program shows a key.
CHALLENGE = 'Cookie realm="Boucle", form-action="/sign-in", cookie-name="__Host-session", Bearer realm="Boucle"'

log = structlog.get_logger(__name__)

TITLES: Mapping[int, str] = {
    400: "Cette demande est mal formée.",
    401: "Connectez-vous pour continuer.",
    403: "Cette page ne vous est pas ouverte.",
    404: "Cette page n'existe pas, ou plus.",
    405: "Cette adresse ne se visite pas ainsi.",
    409: "L'état a changé entre-temps.",
    412: "L'état a changé entre-temps.",
    413: "L'envoi est trop lourd.",
    415: "Ce format n'est pas lu ici.",
    422: "Des informations manquent ou sont à corriger.",
    428: "Il manque une précondition à cette demande.",
    429: "Trop d'essais à la suite : attendez un peu.",
    500: "Une erreur s'est produite de notre côté. Rien de ce que vous avez enregistré n'est perdu.",
    503: "Ce service redémarre : réessayez dans un instant.",
}


class FieldError(Struct, frozen=True):
    """What is wrong with one field, or header, of a request."""

    field: str
    detail: str


class Problem(Struct, frozen=True):
    """RFC 9457: `type` is stable and for programs, `title` and `detail` are in the language of the address."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | UnsetType = UNSET


class SignInNeeded(Refusal):
    """Nobody is signed in, and the page is for members."""

    status = 401
    sentence = "Connectez-vous pour continuer."


class CoordinatorsOnly(Refusal):
    """The page is for the territory."""

    status = 403
    sentence = "Cette page est celle des coordinateurs du territoire."


class AddressMalformed(Refusal):
    """The address holds a character that no text of ours can."""

    status = 400
    sentence = "Cette demande est mal formée."


class HeaderMalformed(Refusal):
    """A header cannot be read."""

    status = 400
    sentence = "L'en-tête {name} est mal formé."

    def __init__(self, name: str) -> None:
        self.field = name
        super().__init__(name=name)


class NotJson(Refusal):
    """What was sent to a program's route is of another type than JSON."""

    status = 415
    sentence = "Envoyez du JSON, avec Content-Type: application/json."
    field = "Content-Type"

    @property
    def headers(self) -> Mapping[str, str]:
        """What is taken (RFC 9110, 15.5.16)."""
        return {"accept": "application/json"}


class NotAForm(Refusal):
    """What was sent to a program's route for files is no form of the kind that holds some."""

    status = 415
    sentence = "Envoyez un formulaire avec ses fichiers, avec Content-Type: multipart/form-data."
    field = "Content-Type"

    @property
    def headers(self) -> Mapping[str, str]:
        """What is taken (RFC 9110, 15.5.16)."""
        return {"accept": "multipart/form-data"}


class NotYours(Refusal):
    """It exists for others; for this organisation it does not."""

    status = 404
    sentence = "Cette page n'existe pas, ou plus."


class RoleTooSmall(Refusal):
    """The member may look but not change."""

    status = 403
    sentence = "Votre rôle permet de consulter, pas de modifier : demandez à un responsable de votre structure."


def on_refusal(request: Req, error: Refusal) -> Response[Any]:
    """A rule said no."""
    if isinstance(error, SignInNeeded) and not is_api(request.scope["path"]):
        return _to_sign_in(request)
    detail = gettext(request, error.sentence).format(**error.values)
    errors = {error.field: detail} if error.field else {}
    # What is gone or away is said by the rule itself: the general sentences speak of the whole service.
    title = detail if error.status in (410, 503) else None
    said = error.headers
    return _answer(request, error.status, detail, title=title, code=error.code, errors=errors, headers=said)


def on_http_error(request: Req, error: HTTPException) -> Response[Any]:
    """The framework said no: no such page, wrong method, too large, bad JSON."""
    if isinstance(error, ValidationException):
        errors = {str(each.get("key", "")): str(each.get("message", "")) for each in error.extra or []}  # type: ignore[union-attr]
        return _answer(request, 422, gettext(request, TITLES[422]), code="Invalid", errors=errors)
    # 405 brings its `Allow` along.
    return _answer(request, error.status_code, error.detail, code=type(error).__name__, headers=error.headers)


def on_invalid(request: Req, error: ValidationError) -> Response[Any]:
    """Input that does not fit its schema."""
    errors = field_errors(error, lambda sentence: gettext(request, sentence))
    return _answer(request, 422, gettext(request, TITLES[422]), code="Invalid", errors=errors)


def on_crash(request: Req, error: Exception) -> Response[Any]:
    """The database away, or our own mistake: told to the log with everything, to the visitor with nothing internal."""
    if isinstance(error, RecursionError) and TOO_DEEP in str(error):
        return _answer(request, 400, gettext(request, TITLES[400]), code="TooDeep")
    if is_transient(error) and not isinstance(error, LASTING):
        log.warning("database_away", path=request.scope["path"], method=request.method, exc_info=error)
        later = {"retry-after": str(RETRY_AFTER_S)}
        return _answer(request, 503, gettext(request, TITLES[503]), code="ServiceUnavailable", headers=later)
    log.error("request_failed", path=request.scope["path"], method=request.method, exc_info=error)
    return _answer(request, 500, gettext(request, TITLES[500]), code="InternalError")


def _to_sign_in(request: Req) -> Response[Any]:
    visit = visit_of(request)
    target = visit.url(f"/sign-in?next={visit.url(visit.path)}")
    if is_fragment(request):
        return Response("", status_code=401, headers={"HX-Redirect": target})
    # The session's cookie stays: only catalog, which has the session, knows whether it has ended.
    return Redirect(target, status_code=303)


def _title(status: int) -> str:
    return TITLES.get(status, TITLES[400] if status < 500 else TITLES[500])


def _answer(
    request: Req,
    status: int,
    detail: str,
    *,
    code: str,
    title: str | None = None,
    errors: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    title, said = title or gettext(request, _title(status)), dict(headers or {})
    if is_api(request.scope["path"]):
        problem = Problem(
            type=f"urn:boucle:problem:{code}",
            title=title,
            status=status,
            detail=detail,
            instance=visit_of(request).path,
            errors=[FieldError(field, text) for field, text in (errors or {}).items()] or UNSET,
        )
        if status == HTTP_401_UNAUTHORIZED:
            said.setdefault("www-authenticate", CHALLENGE)
        return Response(problem, status_code=status, media_type=PROBLEM, headers=said)
    shown = detail if status in (403, 409, 422, 429) or code in ("NotYours",) else None
    template = "problem_fragment.html" if is_fragment(request) else "problem.html"
    answer = page(request, template, status=status, title=title, detail=shown, problem_status=status)
    answer.headers.update(said)
    return _compressed(request, answer)


def _compressed(request: Req, answer: Html) -> Response[Any]:
    """The page, gzipped where Litestar's compression does not reach: it belongs to routes, and here is none."""
    if request.scope.get("route_handler") is not None or not takes_gzip(request):
        return answer
    headers = {**answer.headers, "content-encoding": "gzip", "vary": f"{answer.headers['vary']}, Accept-Encoding"}
    body = gzip.compress(answer.content.encode(), GZIP_LEVEL)
    return Response(body, status_code=answer.status_code, media_type=MediaType.HTML, headers=headers)
