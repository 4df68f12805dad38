"""Packs built files once, as small as gzip can be, so that no request has to: `python -m deploy.packing`."""

from __future__ import annotations

import gzip
from pathlib import Path

import zopfli.gzip

from shared.web.assets import BUILT

TEXTS = frozenset({".css", ".js", ".svg"})
# zopfli takes seconds for a megabyte, and saves a hundredth of what only maps load.
LARGE = 200_000


def pack(folder: Path) -> None:
    """Put `app.css.gz` beside `app.css`; what is packed already, such as fonts, stays as it is."""
    for path in folder.iterdir():
        if path.suffix in TEXTS:
            content = path.read_bytes()
            packed = gzip.compress(content, 9, mtime=0) if len(content) > LARGE else zopfli.gzip.compress(content)
            path.with_name(f"{path.name}.gz").write_bytes(packed)


if __name__ == "__main__":
    pack(BUILT)
