"""Addresses of the built styles, scripts, fonts and icons, as the front-end build's manifest names them."""

from functools import lru_cache
from pathlib import Path

import msgspec

BUILT = Path(__file__).resolve().parent / "built"
STATIC = "/static"


class UnknownAsset(LookupError):
    """The build made no file of that name: a spelling error in a template, or a build older than it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no built asset is named {name!r}: run `npm run build`")


def asset_url(name: str, directory: Path = BUILT) -> str:
    """The hashed address of an asset, `/static/app.1f37a8f8b4.css`; empty when nothing is built at all.

    An empty address is what the shell looks for to leave styles out and say why.
    """
    manifest = directory / "manifest.json"
    try:
        built_at = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return ""
    files = _files(manifest, built_at)
    if name not in files:
        raise UnknownAsset(name)
    return f"{STATIC}/{files[name]}"


def rare_icon(name: str, directory: Path = BUILT) -> str:
    """What is inside the `<svg>` of an icon that few pages use; empty of those of the sprite, `icons.svg`."""
    address = asset_url("rare-icons.json", directory)
    return _files(directory / address.rpartition("/")[2], 0).get(name, "") if address else ""


@lru_cache(maxsize=8)
def _files(manifest: Path, built_at: int) -> dict[str, str]:
    # `built_at` is only there for the cache: a new build makes a new entry.
    return msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])
