"""Rows that are offers."""

from services.catalog.imports.fields import OFFER_COLUMNS
from services.catalog.imports.postings import PostedCommands, PostedKind
from services.catalog.offers.commands import (
    draft_offer,
    open_offer,
    pause_offer,
    publish_offer,
    resume_offer,
    update_offer,
)
from services.catalog.offers.models import Offer
from services.catalog.offers.schemas import OfferDraft

OFFERS = PostedKind(
    name="offers",
    fields=OFFER_COLUMNS,
    model=Offer,
    draft=OfferDraft,
    commands=PostedCommands(
        draft=draft_offer,
        update=update_offer,
        open=open_offer,
        publish=publish_offer,
        pause=pause_offer,
        resume=resume_offer,
    ),
)
