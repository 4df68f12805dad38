"""Rows that are flows."""

from services.catalog.flows.commands import draft_flow, open_flow, pause_flow, publish_flow, resume_flow, update_flow
from services.catalog.flows.models import Flow
from services.catalog.flows.schemas import FlowDraft
from services.catalog.imports.fields import FLOW_COLUMNS
from services.catalog.imports.postings import PostedCommands, PostedKind

FLOWS = PostedKind(
    name="flows",
    fields=FLOW_COLUMNS,
    model=Flow,
    draft=FlowDraft,
    commands=PostedCommands(
        draft=draft_flow,
        update=update_flow,
        open=open_flow,
        publish=publish_flow,
        pause=pause_flow,
        resume=resume_flow,
    ),
)
