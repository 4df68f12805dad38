"""From a draft to the demand it would be: read as its event would be, so that both are judged alike."""

from datetime import datetime
from uuid import UUID

from services.matching.ranking.reading import demand_of_flow, demand_of_need
from services.matching.ranking.sides import Demand
from shared.events.catalog import FlowPublished, NeedPublished
from shared.events.facts import Author, LegalStatus, Window
from shared.questions.preview import PreviewAsked

# A draft has no id that matters to matching, and its author no name.
NOBODYS = UUID(int=0)
SHARED = (
    *("title", "description", "categories", "ewc", "place", "radius_km", "quantity", "window", "supplier_kinds"),
    *("permits", "receipt_wanted"),
)


def demand_asked(asked: PreviewAsked, now: datetime) -> Demand:
    """The demand that would be matched if the draft were published now."""
    author = Author(organisation_id=asked.organisation_id, legal_entity_id=asked.legal_entity_id, name="", hidden=True)
    # Checked already, as a question; a draft may lack what an event must have.
    told = {name: getattr(asked, name) for name in SHARED} | {"version": 0, "author": author, "published_at": now}
    if asked.of == "flow":
        status = asked.legal_status or LegalStatus.PRODUCT
        told |= {"flow_id": NOBODYS, "legal_status": status, "levels": asked.levels, "minimum": asked.minimum}
        return demand_of_flow(FlowPublished.model_construct(**told))
    told |= {name: getattr(asked, name) for name in ("kind", "cpv", "deadline_on", "service_type", "public_tender")}
    return demand_of_need(NeedPublished.model_construct(need_id=NOBODYS, **told))


def relaxed(demand: Demand) -> Demand:
    """Without every condition that its author may widen: whoever fits the demand or one of its widenings fits this."""
    return demand.model_copy(
        update={
            "radius_km": None,
            "window": Window(),
            "supplier_kinds": (),
            "minimum": None,
            "permits": (),
            "receipt_wanted": False,
        }
    )
