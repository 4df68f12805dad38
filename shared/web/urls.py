"""The one table of addresses: prefix to service."""

from typing import Final

PREFIXES: Final = {
    "/matching": "matching",
    "/notifications": "notifications",
}
DEFAULT: Final = "catalog"
MCP: Final = "/mcp"
LANGUAGES: Final = ("fr", "en")
SERVICES: Final = (DEFAULT, *PREFIXES.values())


def split_language(path: str) -> tuple[str | None, str]:
    """Take `/fr` or `/en` off the front of a path; None when the path names no language.

    The path left begins with one slash: as a link, `//name/` would lead to another site.
    """
    bare = path.lstrip("/")
    head, _, rest = bare.partition("/")
    return (head, f"/{rest.lstrip('/')}") if head in LANGUAGES else (None, f"/{bare}")


def service_for(path: str) -> str:
    """The service that answers a path, whatever language it names."""
    _, bare = split_language(path)
    for prefix, service in PREFIXES.items():
        if bare == prefix or bare.startswith(f"{prefix}/"):
            return service
    return DEFAULT


def in_language(path: str, language: str) -> str:
    """The address of a page in a language; French pages have no prefix."""
    return path if language == LANGUAGES[0] else f"/{language}{path}"


def is_api(path: str) -> bool:
    """True for JSON routes, which live under `<prefix>/api/`, and for the address of assistants."""
    _, bare = split_language(path)
    return bare == MCP or any(bare.startswith(f"{prefix}/api/") for prefix in ("", *PREFIXES))
