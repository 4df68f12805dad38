"""The one door to the built list of communes: look-ups, search, and reading what people write.

Everything here raises `GazetteerNotBuilt`, which names the command to run, when the list has not been built.
"""

from shared.territory.areas import zone_of
from shared.territory.lookups import (
    UnknownCommune,
    commune,
    communes_named,
    communes_of_postcode,
    department,
    epci,
    place_of,
    region,
)
from shared.territory.reading import Ambiguous, resolve
from shared.territory.search import Suggestion, search
from shared.territory.tables import Commune, Department, Epci, GazetteerNotBuilt, Region

__all__ = [
    "Ambiguous",
    "Commune",
    "Department",
    "Epci",
    "GazetteerNotBuilt",
    "Region",
    "Suggestion",
    "UnknownCommune",
    "commune",
    "communes_named",
    "communes_of_postcode",
    "department",
    "epci",
    "place_of",
    "region",
    "resolve",
    "search",
    "zone_of",
]
