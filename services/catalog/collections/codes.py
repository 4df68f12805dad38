"""What a label and a page call one part or one lot, and the drawing that a phone reads."""

from itertools import groupby
from typing import Any
from uuid import UUID

import segno


def code_of(code: UUID) -> str:
    """Eight characters to compare by eye, on a label and on a page: "4F2A-91C0". Nothing is opened by them."""
    tail = code.hex[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def drawing_of(address: str) -> dict[str, Any]:
    """An address as a QR code: how many modules a side, and the dark ones as `[row, column, length]`."""
    matrix = segno.make(address, error="m", micro=False).matrix
    runs = []
    for row, modules in enumerate(matrix):
        column = 0
        for is_dark, same in groupby(modules):
            length = len(list(same))
            if is_dark:
                runs.append([row, column, length])
            column += length
    return {"size": len(matrix), "runs": runs}
