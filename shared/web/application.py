"""The Litestar application around a service's routes: language, identity, CSRF, sessions, headers, errors."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler, Guard, Send
from pydantic import ValidationError

from shared.database import Database, now_of
from shared.database.base import new_id
from shared.events.envelope import Cause, cause
from shared.identity import Identity, Role
from shared.observability import traces
from shared.observability.lines import speaking
from shared.refusal import Refusal
from shared.settings import PaymentMode, ServiceSettings
from shared.web import csrf
from shared.web.answers import Answer
from shared.web.bearer import ScopeTooSmall
from shared.web.errors import (
    GZIP_LEVEL,
    AddressMalformed,
    CoordinatorsOnly,
    NotAForm,
    NotJson,
    RoleTooSmall,
    SignInNeeded,
    on_crash,
    on_http_error,
    on_invalid,
    on_refusal,
)
from shared.web.idempotency import AnsweredBefore, on_answered_before
from shared.web.limits import Limiter
from shared.web.openapi import openapi_config
from shared.web.pages import Req, Templates
from shared.web.provided import Session
from shared.web.statics import static_files
from shared.web.transactions import plain
from shared.web.urls import is_api, split_language
from shared.web.visit import Visit, visit_of

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; worker-src 'self'; "
    "connect-src 'self'{tiles}; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY.format(tiles=""),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

JSON, FORM = "application/json", "multipart/form-data"
STATIC_HEADERS = {"x-content-type-options": "nosniff"}

Identify = Callable[[Req, Visit], Awaitable[Response[Any] | None]]


class Application(Litestar):
    """Litestar behind a door: language off the path, who is it, not too often; headers and cookies on every answer."""

    service: str
    identify: Identify
    csrf_secret: str
    limiter: Limiter
    standard_headers: Mapping[str, str]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one connection; `/en/needs` is `/needs` in English."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        language, path = split_language(scope["path"])
        scope = {**scope, "state": {}, "app": self, "litestar_app": self}
        if path != scope["path"]:
            scope |= {"path": path, "raw_path": path.encode()}
        if language is not None:
            scope["boucle.language"] = language
        if path.startswith("/static/"):
            await super().__call__(scope, receive, _dressing(send, STATIC_HEADERS))
            return
        request: Req = Request(scope, receive, send)
        speaking.set(self.service)
        # Whoever comes from outside does not choose the trace: each request begins its own.
        with traces.span(
            self.service, "server", request.method, http_request_method=request.method, url_path=request.url.path
        ):
            await self._answer(request, scope, receive, send)

    async def _answer(self, request: Req, scope: Any, receive: Any, send: Any) -> None:
        visit = visit_of(request)
        cause.set(Cause(correlation=new_id(), traceparent=traces.traceparent()))
        send = _dressing(send, self.standard_headers, visit)
        answer = await self._at_the_door(request, visit)
        if answer is None:
            await super().__call__(scope, receive, send)
        else:
            await answer.to_asgi_response(None, request)(scope, receive, send)

    async def _at_the_door(self, request: Req, visit: Visit) -> Response[Any] | None:
        try:
            answer = await self.identify(request, visit)
            if answer is None:
                await self.limiter.count(request, visit, self.state.database)
                if visit.refused is not None:
                    raise visit.refused
        except Refusal as refusal:
            return on_refusal(request, refusal)
        except Exception as error:  # the door is outside Litestar's own handlers
            return on_crash(request, error)
        subject = str(visit.identity.session_id) if visit.identity else visit.visitor
        visit.csrf_token = csrf.token_for(self.csrf_secret, subject)
        return answer


def _dressing(send: Send, standard: Mapping[str, str], visit: Visit | None = None) -> Send:
    async def dressed(message: Any) -> None:
        if message["type"] == "http.response.start":
            traces.note(http_response_status_code=message["status"])
            headers = MutableScopeHeaders.from_message(message)
            for name, value in standard.items():
                headers.setdefault(name, value)
            if visit is not None and visit.identity is not None:
                headers.setdefault("cache-control", "no-store")
            for name, value in visit.headers.items() if visit is not None else ():
                headers.setdefault(name, value)
            for cookie in visit.cookies if visit is not None else ():
                headers.add("set-cookie", cookie.to_header(header=""))
        await send(message)

    return dressed


async def before_handlers(request: Req) -> None:
    """An address can be stored, a program sends JSON, or a form where `takes_files`; an unsafe request carries its
    token or is excused by name.
    """
    # Paths and queries end in SQL parameters, and PostgreSQL's text has no NUL character.
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise AddressMalformed
    visit = visit_of(request)
    if visit.is_program:
        # Its key is no cookie: no other site can have a browser send it.
        _refuse_small_scope(request, visit)
    elif not request.route_handler.opt.get("csrf_exempt"):
        await csrf.check(request, visit.csrf_token)
    kind = request.headers.get("content-type", JSON)
    if is_api(request.scope["path"]) and request.method not in csrf.SAFE_METHODS:
        takes_files = request.route_handler.opt.get("takes_files")
        if not kind.startswith(FORM if takes_files else JSON):
            raise NotAForm if takes_files else NotJson


def _refuse_small_scope(request: Req, visit: Visit) -> None:
    # A person who only looks may still mark a notice as read; a key that only reads changes nothing at all.
    may_write = visit.identity is not None and visit.identity.may(Role.EDITOR)
    if request.method not in csrf.SAFE_METHODS and not may_write and not request.route_handler.opt.get("any_scope"):
        raise ScopeTooSmall


def headers_for(map_style_url: str | None) -> dict[str, str]:
    """What every answer carries; one origin of map tiles may be asked for, when it is configured."""
    if not map_style_url:
        return HEADERS
    named = urlsplit(map_style_url)
    policy = CONTENT_SECURITY_POLICY.format(tiles=f" {named.scheme}://{named.netloc}")
    return {**HEADERS, "content-security-policy": policy}


def application(
    settings: ServiceSettings,
    database: Database,
    *,
    routes: Sequence[ControllerRouterHandler],
    package: Path,
    identify: Identify,
    lifespan: Sequence[Any] = (),
    guards: Sequence[Guard] = (),
    dependencies: dict[str, Provide] | None = None,
) -> Application:
    """One service's application; `identify` fills the visit's identity, or answers (a renewal, for example)."""

    app = Application(
        [*routes, static_files(settings.assets_dir)] if settings.assets_dir.exists() else routes,
        before_request=before_handlers,
        guards=[*guards],
        response_class=Answer,
        exception_handlers={
            Refusal: on_refusal,
            AnsweredBefore: on_answered_before,
            ValidationError: on_invalid,
            HTTPException: on_http_error,
            Exception: on_crash,
        },
        dependencies={
            "session": Provide(plain),
            "now": Provide(moment, sync_to_thread=False),
            "visitor": Provide(visitor_identity, sync_to_thread=False),
            "member": Provide(signed_in, sync_to_thread=False),
            "editor": Provide(signed_in_editor, sync_to_thread=False),
            "coordinator": Provide(signed_in_coordinator, sync_to_thread=False),
            **(dependencies or {}),
        },
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=GZIP_LEVEL, minimum_size=1000, exclude_opt_key="skip_compression"
        ),
        openapi_config=openapi_config(settings.service, before_handlers),
        logging_config=None,
        lifespan=[*lifespan],
        debug=False,
    )
    app.service = settings.service
    app.identify = identify
    app.standard_headers = headers_for(settings.map_style_url)
    app.limiter = Limiter(settings.rate_limits, settings.trusted_proxies)
    app.csrf_secret = settings.csrf_secret.get_secret_value()
    app.state.templates = templates_of(
        package, settings.map_style_url, settings.payment_mode, is_live=settings.payments_are_live
    )
    app.state.stopping = asyncio.Event()
    app.state.settings = settings
    app.state.database = database
    return app


@cache
def templates_of(
    package: Path, map_style_url: str | None, payment_mode: PaymentMode, *, is_live: bool | None
) -> Templates:
    """A service's templates, which are compiled once a process."""
    return Templates(package, map_style_url=map_style_url, payment_mode=payment_mode.value, payments_are_live=is_live)


def moment(session: Session) -> datetime:
    """The moment of the request, by the service's clock."""
    return now_of(session)


def visitor_identity(request: Req) -> Identity | None:
    """Whoever is signed in, or nobody."""
    return visit_of(request).identity


def signed_in(request: Req) -> Identity:
    """The signed-in member; raises `SignInNeeded`."""
    identity = visit_of(request).identity
    if identity is None:
        raise SignInNeeded
    return identity


def signed_in_editor(request: Req) -> Identity:
    """The signed-in member who may change things; raises `SignInNeeded` or `RoleTooSmall`."""
    identity = signed_in(request)
    if not identity.may(Role.EDITOR):
        raise RoleTooSmall
    return identity


def signed_in_coordinator(request: Req) -> Identity:
    """The signed-in coordinator of the territory; raises what `signed_in_editor` does, or `CoordinatorsOnly`."""
    identity = signed_in_editor(request)
    if "territory" not in identity.roles:
        raise CoordinatorsOnly
    return identity
