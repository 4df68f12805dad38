"""The first things a new organisation does, by what it came for."""

from collections.abc import Collection
from typing import NamedTuple

from services.catalog.desk.view import Board, Line

NEED, FLOW, OFFER = "/needs/new", "/flows/new", "/offers/new"


class Step(NamedTuple):
    """One first thing to do; `code` picks its words on the page."""

    code: str
    icon: str
    path: str
    done: bool


# role -> what it does first
BY_ROLE = {
    "buyer": ("need", "clipboard-list", NEED),
    "ess": ("offer", "hand-heart", OFFER),
    "publisher": ("flow", "package-open", FLOW),
}


def first_steps(roles: Collection[str], board: Board) -> list[Step]:
    """What is left to begin with, done ones included; empty once everything one came for was done at least once."""
    steps = [Step(code, icon, path, _has(board, path)) for role, (code, icon, path) in BY_ROLE.items() if role in roles]
    return [] if all(step.done for step in steps) else steps


def _has(board: Board, path: str) -> bool:
    prefix = path.removesuffix("new")
    return any(line.path.startswith(prefix) for line in _published(board))


def _published(board: Board) -> list[Line]:
    return [*board.demands, *board.offers, *board.ended]
