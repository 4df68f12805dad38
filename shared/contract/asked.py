"""Questions in the document: a channel to ask on, the asker's inbox to answer to, and an example of both."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from shared.contract.examples import AT, CATERER, CIDERY, CIDERY_ENTITY, LATER, OFFER, TOULOUSE, TRAYS
from shared.events.event import Facts
from shared.events.facts import Window
from shared.events.reasons import Constraint, Feature, Gap, Reason
from shared.messaging.topology import inbox_prefix
from shared.questions.preview import (
    InclusivePotential,
    Likely,
    Missing,
    NearMisses,
    PlannedWave,
    Preview,
    PreviewAsked,
    Widening,
)
from shared.questions.question import Question, Refusal, Refused, questions
from shared.questions.search import Facet, FacetValue, SearchAsked, SearchFound, SearchHit

Json = dict[str, Any]

QUESTION = PreviewAsked(
    of="need",
    title="80 plateaux-repas par mois",
    categories=("meal-trays",),
    place=TOULOUSE,
    radius_km=20,
    quantity=TRAYS,
    window=Window(starts_on=date(2027, 1, 4)),
    organisation_id=CIDERY,
    legal_entity_id=CIDERY_ENTITY,
    names=True,
)
ANSWER = Preview(
    total=1,
    complete=True,
    weights="2026-11-23",
    suppliers=(
        Likely(
            rank=1,
            score=82,
            reasons=(Reason(feature=Feature.DISTANCE, points=Decimal("14.2"), values={"km": "4.2", "radius_km": 30}),),
            place_name="Toulouse",
            kinds=("association", "EI"),
            wave=1,
            asked_at=AT,
            supplier_name="Table du Canal",
            offer_id=OFFER,
            organisation_id=CATERER,
        ),
    ),
    pace="paced",
    waves=(PlannedWave(number=1, due_at=AT, suppliers=1), PlannedWave(number=2, due_at=LATER, suppliers=0, waiting=1)),
    enough_interested=6,
    near_misses=(
        NearMisses(
            constraint=Constraint.RADIUS,
            suppliers=7,
            nearest=(
                Missing(
                    score=71,
                    gap=Gap(constraint=Constraint.RADIUS, values={"distance_km": 26, "radius_km": 20, "km": 6}),
                ),
            ),
            widenings=(Widening(constraint=Constraint.RADIUS, more=7, radius_km=40),),
        ),
    ),
    potential=InclusivePotential(
        lever="social_clause",
        inclusive=1,
        inclusion=1,
        adapted=0,
        inclusion_enough=False,
        adapted_enough=False,
        local=1,
    ),
)
SEARCH = SearchAsked(text="traiteur", what=("offer", "organisation"), near="31555", within_km=25)
FOUND = SearchFound(
    total=2,
    hits=(SearchHit(id=OFFER, asks="offer", km=0), SearchHit(id=CATERER, asks="organisation", km=0)),
    facets=(
        Facet(
            name="what",
            others=3,
            values=(
                FacetValue(value="need", rows=1),
                FacetValue(value="offer", rows=1),
                FacetValue(value="organisation", rows=1),
            ),
        ),
        Facet(name="within", others=2, values=(FacetValue(value="5", rows=2), FacetValue(value="10", rows=2))),
    ),
)
REFUSED = Refused(refused=Refusal.MALFORMED, fields=("place",))
EXAMPLES: dict[type[Question], tuple[Question, Facts]] = {
    PreviewAsked: (QUESTION, ANSWER),
    SearchAsked: (SEARCH, FOUND),
}


def shapes() -> list[type[Facts]]:
    """What travels beside events, for the schemas."""
    return [Refused, *(shape for kind in questions().values() for shape in (kind, kind.answer))]


def asked_channels() -> Json:
    """Where each question is asked; a reply goes to the inbox that it names, which has no address of its own."""
    found: Json = {}
    for subject, kind in questions().items():
        words = "Asked live, outside the streams: whoever hears nothing for a second goes on without."
        found[subject] = {
            "address": subject,
            "title": subject,
            "description": f"{kind.__doc__}\n\n{words}",
            "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"}},
        }
        found[f"{subject}.reply"] = {
            "address": None,
            "title": f"{subject}, the reply",
            "description": "The inbox that the question names; it must be one of the asker's own.",
            "messages": {
                name: {"$ref": f"#/components/messages/{name}"} for name in (kind.answer.__name__, Refused.__name__)
            },
        }
    return found


def asked_messages() -> Json:
    """Questions, answers and refusals: plain JSON without an envelope, since nothing keeps them."""
    found = {Refused.__name__: _message(Refused, REFUSED)}
    for kind, (question, answer) in EXAMPLES.items():
        found |= {kind.__name__: _message(kind, question), kind.answer.__name__: _message(kind.answer, answer)}
    return found


def asked_operations() -> Json:
    """Who asks, and who answers as one queue."""
    found: Json = {}
    for subject, kind in questions().items():
        spec = kind.spec()
        reply = f"#/channels/{subject}.reply"
        whole = {
            "channel": {"$ref": f"#/channels/{subject}"},
            "messages": [{"$ref": f"#/channels/{subject}/messages/{kind.__name__}"}],
            "reply": {
                "channel": {"$ref": reply},
                "messages": [{"$ref": f"{reply}/messages/{name}"} for name in (kind.answer.__name__, "Refused")],
            },
        }
        found[f"{spec.asker}.send.{subject}"] = {
            "action": "send",
            "summary": f"{spec.asker} asks: {kind.__doc__}",
            "tags": [{"name": spec.asker}],
            "x-nats": {"user": spec.asker, "inboxPrefix": inbox_prefix(spec.asker)},
            **whole,
        }
        found[f"{spec.answerer}.receive.{subject}"] = {
            "action": "receive",
            "summary": f"{spec.answerer} answers: {kind.__doc__}",
            "tags": [{"name": spec.answerer}],
            "bindings": {"nats": {"queue": spec.answerer, "bindingVersion": "0.1.0"}},
            **whole,
        }
    return found


def _message(shape: type[Facts], example: Facts) -> Json:
    return {
        "name": shape.__name__,
        "title": shape.__name__,
        "summary": shape.__doc__,
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{shape.__name__}"},
        "examples": [{"name": shape.__name__, "payload": json.loads(example.model_dump_json())}],
    }
