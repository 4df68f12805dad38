"""Addresses of the built styles, scripts, fonts and icons, as the front-end build's manifest names them."""

from functools import lru_cache
from pathlib import Path
from time import monotonic

import msgspec
from markupsafe import Markup

BUILT = Path(__file__).resolve().parent / "built"
STATIC = "/static"
LOOKED_AT_EVERY_S = 0.5


class UnknownAsset(LookupError):
    """The build made no file of that name: a spelling error in a template, or a build older than it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no built asset is named {name!r}: run `npm run build`")


def asset_url(name: str, directory: Path = BUILT) -> str:
    """The hashed address of an asset, `/static/app.1f37a8f8b4.css`; empty when nothing is built at all.

    An empty address is what the shell looks for to leave styles out and say why.
    """
    files = _built(directory, _moment())
    if files is None:
        return ""
    if name not in files:
        raise UnknownAsset(name)
    return f"{STATIC}/{files[name]}"


def icon(name: str, size: str = "", label: str | None = None, directory: Path = BUILT) -> Markup:
    """An icon as pages draw it: of the sprite, or whole where few pages use it; without a label, for the eye alone."""
    return _icon(name, size, label, directory, _moment())


def rare_icon(name: str, directory: Path = BUILT) -> str:
    """What is inside the `<svg>` of an icon that few pages use; empty of those of the sprite, `icons.svg`."""
    address = asset_url("rare-icons.json", directory)
    return _files(directory / address.rpartition("/")[2], 0).get(name, "") if address else ""


def _moment() -> int:
    # A page names a hundred assets: whether there is a new build is asked of the disk once for all of them.
    return int(monotonic() / LOOKED_AT_EVERY_S)


@lru_cache(maxsize=8)
def _built(directory: Path, moment: int) -> dict[str, str] | None:
    manifest = directory / "manifest.json"
    try:
        return _files(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=8)
def _files(manifest: Path, built_at: int) -> dict[str, str]:
    # `built_at` is only there for the cache: a new build makes a new entry.
    return msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])


@lru_cache(maxsize=1024)
def _icon(name: str, size: str, label: str | None, directory: Path, moment: int) -> Markup:
    drawing = rare_icon(name, directory)
    box = Markup(' viewBox="0 0 24 24"') if drawing else ""
    said = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    used = Markup('<use href="{}#{}"/>').format(asset_url("icons.svg", directory), name)
    inside = Markup(drawing) if drawing else used  # noqa: S704 - of our own build
    return Markup('<svg class="i{}"{}{}>{}</svg>').format(f" {size}" if size else "", box, said, inside)
