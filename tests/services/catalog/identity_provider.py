"""A small OpenID Connect provider on loopback, with ProConnect's shape: its userinfo is a signed JWT."""

import asyncio
import json
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "boucle-test", "a secret of the client"


@dataclass
class IdentityProvider:
    """What it knows of the person who is signed in over there; `spoilt` is what it gets wrong."""

    address: str
    person: dict[str, Any] = field(default_factory=dict)
    spoilt: str = ""
    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
    )
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def approve(self, address: str) -> str:
        """What a browser does over there: the query of the address it comes back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"code={code}&state={asked['state']}"

    def signed_out(self, address: str) -> str:
        """What a browser that is sent there to sign out is sent back to; refuses whom it did not let in."""
        where, asked = urlsplit(address), dict(parse_qsl(urlsplit(address).query))
        assert f"{where.scheme}://{where.netloc}{where.path}" == f"{self.address}/logout"
        assert jwt.decode(asked["id_token_hint"], self.key).claims["sub"] == self.person["sub"]
        assert asked["client_id"] == CLIENT
        return f"{asked['post_logout_redirect_uri']}?state={asked['state']}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as an ASGI app."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, kind, answer = self._answer(scope["path"], dict(parse_qsl(body.decode())), dict(scope["headers"]))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": answer.encode()})

    def _answer(self, path: str, form: dict[str, str], headers: dict[bytes, bytes]) -> tuple[int, str, str]:
        if self.spoilt == "away":
            return 503, "text/plain", "later"
        told: Any = {}
        if path == "/.well-known/openid-configuration":
            names = ("authorization", "token", "userinfo")
            told = {f"{name}_endpoint": f"{self.address}/{name}" for name in names}
            told |= {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
            if self.spoilt != "no way out":
                told["end_session_endpoint"] = f"{self.address}/logout"
        elif path == "/keys":
            told = {"keys": [self.key.as_dict(private=False)]}
        elif path == "/token":
            asked = self.codes.pop(form.get("code", ""), None)
            if asked is None or not self._is_ours(asked, form):
                return 400, "application/json", '{"error": "invalid_grant"}'
            nonce = "another" if self.spoilt == "nonce" else asked["nonce"]
            told = {"access_token": "opens", "token_type": "Bearer", "id_token": self._signed(nonce=nonce)}
        elif path == "/userinfo":
            if headers.get(b"authorization") != b"Bearer opens":
                return 401, "application/json", "{}"
            subject = "somebody else" if self.spoilt == "userinfo" else self.person["sub"]
            return 200, "application/jwt", self._signed(**{**self.person, "sub": subject})
        return 200, "application/json", json.dumps(told)

    def _is_ours(self, asked: dict[str, str], form: dict[str, str]) -> bool:
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        same = form.get("redirect_uri") == asked["redirect_uri"] and challenge == asked["code_challenge"]
        return same and (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def _signed(self, **claims: Any) -> str:
        """A JWT of its own, or one that something is wrong with."""
        now = int(time.time())
        told = {"iss": self.address, "aud": CLIENT, "sub": self.person["sub"], "iat": now, "exp": now + 60, **claims}
        if self.spoilt == "audience":
            told["aud"] = "another client"
        if self.spoilt == "late":
            told["exp"] = now - 600
        if self.spoilt == "issuer":
            told["iss"] = "https://another.example"
        key = ECKey.generate_key("P-256") if self.spoilt == "signature" else self.key
        return jwt.encode({"alg": "ES256", "kid": "one"}, told, key)


@asynccontextmanager
async def identity_provider() -> AsyncIterator[IdentityProvider]:
    """One that listens until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    provider = IdentityProvider(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(provider, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield provider
    finally:
        server.should_exit = True
        await task
        listener.close()
