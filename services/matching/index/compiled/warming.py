"""Compiles the passes, or reads them from where they were kept; `services.matching.search.warming` calls it."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from services.matching.index.compiled import snapshot
from services.matching.index.compiled.encoding import row_of_demand, row_of_supply
from services.matching.index.compiled.rules import rules_of
from services.matching.index.compiled.searching import Engine
from services.matching.ranking import words
from services.matching.ranking.sides import FLOW, Demand, Supply
from services.matching.ranking.weights import weights
from shared.territory.place import Place, radius_around

AT = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = Place(
    commune_code="31555",
    commune_name="Toulouse",
    department_code="31",
    region_code="76",
    latitude=43.6,
    longitude=1.44,
    exactness="commune",
)


def warm_up() -> None:
    """One search each way among one demand and one supply, which takes every pass; the words of texts as well."""
    words.warm_up()
    engine = Engine(rules_of(weights()))
    demand, supply = _demand(), _supply()
    engine.demands.add(row_of_demand(demand, engine.numbering))
    engine.supplies.add(row_of_supply(supply, engine.numbering))
    engine.supplies_for(demand, today=AT.date(), most=1, misses=1)
    engine.demands_for(supply, today=AT.date(), most=1, misses=1)
    engine.census(demand, today=AT.date(), near=True)
    with TemporaryDirectory() as folder:
        snapshot.save(engine, Path(folder) / "index", {}, of="")


def _demand() -> Demand:
    return Demand(
        id=UUID(int=1),
        version=1,
        organisation_id=UUID(int=2),
        legal_entity_id=UUID(int=2),
        title="",
        kind="flow",
        asks=FLOW,
        author_name=None,
        words={"bois": 1.0},
        spelled={},
        ewc=("150103",),
        cpv=("44",),
        place=PLACE,
        published_at=AT,
    )


def _supply() -> Supply:
    return Supply(
        id=UUID(int=3),
        version=1,
        organisation_id=UUID(int=4),
        legal_entity_id=UUID(int=4),
        title="",
        supplier_name="",
        serves=(FLOW,),
        words={"bois": 1.0},
        place=PLACE,
        zones=(radius_around(PLACE, 10),),
        published_at=AT,
    )
