"""The steps in which a need, a flow or an offer is written, one question at a time."""

from collections.abc import Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """One page of a wizard: `title` asks, `name` stands in the list of steps (French), `fields` are what it sets."""

    code: str
    name: str
    title: str
    fields: tuple[str, ...]


def step_of(steps: Sequence[Step], code: str) -> Step | None:
    """The step of a code, if there is one."""
    return next((step for step in steps if step.code == code), None)


def step_with(steps: Sequence[Step], field: str | None) -> Step:
    """Where a field is asked; the first step for what belongs to none."""
    return next((step for step in steps if field in step.fields), steps[0])


def after(steps: Sequence[Step], step: Step) -> Step | None:
    """The step that follows; None after the last."""
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else None
