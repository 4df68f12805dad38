"""The Model Context Protocol over HTTP, as far as a server goes that keeps no session and answers in one piece.

Two manners of speaking: versions with a handshake (`initialize`), and those since 2026-07-28, whose every request
carries its version in `_meta` and repeats method and tool in headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

HANDSHAKE: Final = ("2025-06-18", "2025-11-25")
MODERN: Final = ("2026-07-28",)
VERSIONS: Final = (*HANDSHAKE, *MODERN)

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
# What the transport makes of them; the rest is said with 200, where a handshake was.
STATUSES: Final = {PARSE_ERROR: 400, INVALID_REQUEST: 400, HEADER_MISMATCH: 400, UNSUPPORTED_VERSION: 400}
MODERN_STATUSES: Final = {**STATUSES, INVALID_PARAMS: 400, METHOD_NOT_FOUND: 404}

VERSION_HEADER, METHOD_HEADER, NAME_HEADER = "mcp-protocol-version", "mcp-method", "mcp-name"
META_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
META_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
META_SERVER: Final = "io.modelcontextprotocol/serverInfo"


class RpcError(Exception):
    """A request that cannot be worked on; the words are for whoever writes the client, in English like the protocol."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def body(self) -> dict[str, Any]:
        """As JSON-RPC tells it."""
        return {"code": self.code, "message": self.message, **({} if self.data is None else {"data": self.data})}


@dataclass(frozen=True)
class Message:
    """One request; without an id a notification, which nobody answers."""

    id: str | int | None
    method: str
    params: Mapping[str, Any]
    is_modern: bool = False

    @property
    def is_notification(self) -> bool:
        """True when no answer is due."""
        return self.id is None


def message_of(body: bytes, headers: Mapping[str, str]) -> Message:
    """The message of a request; raises `RpcError`."""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RpcError(PARSE_ERROR, "Parse error") from error
    version = headers.get(VERSION_HEADER, HANDSHAKE[-1])
    if version not in VERSIONS:
        raise _unsupported(version)
    message = _shaped(decoded, is_modern=version in MODERN)
    if message.is_modern and not message.is_notification:
        _check_envelope(message, headers)
    return message


def _shaped(decoded: Any, *, is_modern: bool) -> Message:
    if not isinstance(decoded, dict) or decoded.get("jsonrpc") != "2.0" or not isinstance(decoded.get("method"), str):
        raise RpcError(INVALID_REQUEST, "Body must be a single JSON-RPC request or notification object")
    number = decoded.get("id")
    if "id" in decoded and (isinstance(number, bool) or not isinstance(number, str | int)):
        raise RpcError(INVALID_REQUEST, "id must be a string or an integer")
    params = decoded.get("params", {})
    if not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "params must be an object")
    return Message(number, decoded["method"], params, is_modern)


def _check_envelope(message: Message, headers: Mapping[str, str]) -> None:
    """What every request since 2026-07-28 says of itself, once inside and once for whoever only reads headers."""
    meta = message.params.get("_meta")
    if not isinstance(meta, dict) or META_VERSION not in meta or META_CAPABILITIES not in meta:
        raise RpcError(INVALID_PARAMS, f"_meta must hold {META_VERSION} and {META_CAPABILITIES}")
    said = {VERSION_HEADER: meta[META_VERSION], METHOD_HEADER: message.method}
    if message.method == "tools/call":
        said[NAME_HEADER] = message.params.get("name")
    for header, value in said.items():
        if headers.get(header) != value:
            raise RpcError(HEADER_MISMATCH, f"{header} does not say what the body says")


def agreed_version(params: Mapping[str, Any]) -> str:
    """What a handshake comes to: the version that was asked for, or our latest one that has a handshake."""
    asked = params.get("protocolVersion")
    return asked if asked in HANDSHAKE else HANDSHAKE[-1]


def result_of(message: Message, result: Mapping[str, Any], server: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request; since 2026-07-28 it says that it is complete, and whose it is."""
    told = {**result, "resultType": "complete", "_meta": {META_SERVER: server}} if message.is_modern else result
    return {"jsonrpc": "2.0", "id": message.id, "result": told}


def error_of(error: RpcError, message: Message | None) -> tuple[dict[str, Any], int]:
    """The refusal of a request, and its HTTP status."""
    number = message.id if message else None
    statuses = MODERN_STATUSES if message and message.is_modern else STATUSES
    return {"jsonrpc": "2.0", "id": number, "error": error.body()}, statuses.get(error.code, 200)


def _unsupported(version: str) -> RpcError:
    data = {"supported": list(VERSIONS), "requested": version}
    return RpcError(UNSUPPORTED_VERSION, "Unsupported protocol version", data)
