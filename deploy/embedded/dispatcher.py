"""One origin for several apps: each path goes to the service that owns it, and a service that is down says so."""

import html
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AsyncExitStack
from typing import Any

from deploy.embedded.guest import App, Guest
from shared.web.urls import split_language

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STATIC = "/static/"
STATUS_PATH = "/-/apps"
RETRY_AFTER_SECONDS = 5
WEBSOCKET_TRY_LATER = 1013
WORDS = {
    "fr": (
        "Cette page est indisponible un instant",
        "Le service « {name} » redémarre. Le reste du site fonctionne, et rien de ce que vous aviez enregistré "
        "n'est perdu. Réessayez dans quelques secondes.",
        "Réessayer",
        "Aller à l'accueil",
    ),
    "en": (
        "This page is unavailable for a moment",
        "The “{name}” service is restarting. The rest of the site works, and nothing you had saved is lost. "
        "Try again in a few seconds.",
        "Try again",
        "Go to the home page",
    ),
}
logger = logging.getLogger("boucle.house")


class Dispatcher:
    """An ASGI app made of apps. `owner_of` tells which name owns a path (shared/web/urls.py is the one table)."""

    def __init__(self, makers: Mapping[str, Callable[[], App]], owner_of: Callable[[str], str]) -> None:
        self.guests = {name: Guest(name, make) for name, make in makers.items()}
        self.owner_of = owner_of

    def prepare(self) -> None:
        """Import and build every app, before any of them lives."""
        for guest in self.guests.values():
            guest.prepare()

    def end_streams(self) -> None:
        """Tell the open streams of every app to end by themselves."""
        for guest in self.guests.values():
            guest.end_streams()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"].startswith(STATUS_PATH):
            await self._tell_status(scope["path"], send)
        else:
            await self._forward(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Enter each app in turn, report complete after the last, leave in reverse order."""
        await receive()
        stack = AsyncExitStack()
        try:
            for guest in self.guests.values():
                await stack.enter_async_context(guest)
        except Exception as error:
            logger.exception("an app did not start")
            await stack.aclose()
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.end_streams()
        await stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        guest = self._guest_for(scope["path"])
        if guest.app is None:
            await _tell_unavailable(scope, send, guest.name)
            return
        answer = _Answer(send)
        try:
            await guest.app(scope, receive, answer)
        except Exception:
            logger.exception("%s let an error escape at %s", guest.name, scope["path"])
            if answer.has_begun:
                raise
            await _tell_unavailable(scope, send, guest.name)

    def _guest_for(self, path: str) -> Guest:
        owner = self.guests[self.owner_of(path)]
        if owner.is_up or not path.startswith(STATIC):
            return owner
        return next((guest for guest in self.guests.values() if guest.is_up), owner)

    async def _tell_status(self, path: str, send: Send) -> None:
        """`/-/apps` proves that the loop turns; `/-/apps/<name>` is 200 or 503 as that app is up or down."""
        asked = path.removeprefix(STATUS_PATH).strip("/")
        apps = {name: "up" if guest.is_up else "down" for name, guest in self.guests.items()}
        known = not asked or asked in apps
        status = 404 if not known else 503 if apps.get(asked) == "down" else 200
        await _answer(send, status, "application/json", json.dumps(apps))


class _Answer:
    """A `send` that knows whether the response has begun."""

    def __init__(self, send: Send) -> None:
        self.send, self.has_begun = send, False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self.send(message)


def _language(scope: Scope) -> str:
    return split_language(scope["path"])[0] or "fr"


async def _tell_unavailable(scope: Scope, send: Send, name: str) -> None:
    """503 in words: a page for a browser, problem details for everything else."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": WEBSOCKET_TRY_LATER})
        return
    title, detail, again, home = WORDS[_language(scope)]
    detail = detail.format(name=name)
    if b"text/html" in dict(scope["headers"]).get(b"accept", b""):
        target = html.escape(scope["path"], quote=True)
        body = (
            f'<!doctype html><html lang="{_language(scope)}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
            f'<body><main><h1>{title}</h1><p>{detail}</p><p><a href="{target}">{again}</a> · '
            f'<a href="/">{home}</a></p></main></body></html>'
        )
        await _answer(send, 503, "text/html; charset=utf-8", body)
    else:
        problem = {"type": "about:blank", "title": title, "status": 503, "detail": detail}
        await _answer(send, 503, "application/problem+json", json.dumps(problem, ensure_ascii=False))


async def _answer(send: Send, status: int, content_type: str, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        *([(b"retry-after", str(RETRY_AFTER_SECONDS).encode())] if status == 503 else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
