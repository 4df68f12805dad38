"""Rows that are needs."""

from services.catalog.imports.fields import NEED_COLUMNS
from services.catalog.imports.postings import PostedCommands, PostedKind
from services.catalog.needs.commands import draft_need, open_need, publish_need, update_need
from services.catalog.needs.models import Need
from services.catalog.needs.schemas import NeedDraft

NEEDS = PostedKind(
    name="needs",
    fields=NEED_COLUMNS,
    model=Need,
    draft=NeedDraft,
    commands=PostedCommands(
        draft=draft_need,
        update=update_need,
        open=open_need,
        publish=publish_need,
    ),
)
