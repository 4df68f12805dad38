"""How the reference platform finds suppliers: tables and query of the shape that it publishes, asked the same.

Read in the public code of the State's inclusive marketplace in November 2026 (`SiaeActivityQuerySet` of
`gip-inclusion/le-marche`): an organisation has activities, an activity works in a country, in perimeters (a table
between) or so many km around its organisation's place; every distance is measured; whoever has an activity among those
that meet is read, once each, in no order of fitness. It looks these activities up from each organisation, once more;
`WITHOUT_DETOUR` asks the same by one join. Kinder here than there: few columns, no cities of the organisations' own,
and a distance on a sphere instead of an ellipsoid.
"""

from typing import Any, Final

import asyncpg

from deploy.bench.market.asking import Question
from deploy.bench.market.making import AREA_KINDS, Postings, communes
from deploy.bench.market.ours import area_name

AT_ONCE: Final = 20_000
COUNTRY: Final = AREA_KINDS.index("country")
COLUMNS: Final = {
    "reference_organisations": "id int, name text, kind text, is_active bool, contact text, lat float8, lon float8",
    "reference_activities": "id int, organisation int, asks int[], geo text, km int, opens int, closes int",
    "reference_locations": "activity int, perimeter int",
    "reference_perimeters": "id int, name text",
}
INDEXES: Final = (
    "CREATE UNIQUE INDEX ON reference_organisations (id)",
    "CREATE UNIQUE INDEX ON reference_activities (id)",
    "CREATE INDEX ON reference_activities (organisation)",
    "CREATE INDEX ON reference_activities (geo)",
    "CREATE INDEX ON reference_locations (activity)",
    "CREATE INDEX ON reference_locations (perimeter)",
    "CREATE UNIQUE INDEX ON reference_perimeters (id)",
    "CREATE INDEX ON reference_perimeters (name)",
    *(f"ANALYZE {table}" for table in COLUMNS),
)
MEETS: Final = """
    a.asks && $1 AND a.opens <= $3 AND a.closes >= $2 AND (
        a.geo = 'COUNTRY'
        OR a.geo = 'ZONES' AND p.name = ANY($6::text[])
        OR a.geo = 'CUSTOM' AND a.km >= 6371.0088 * acos(least(1, greatest(-1, sin(radians(s.lat)) * sin(radians($4))
            + cos(radians(s.lat)) * cos(radians($4)) * cos(radians(s.lon - $5)))))
    )
"""
AS_PUBLISHED: Final = f"""
    SELECT DISTINCT o.id, o.name, o.kind FROM reference_organisations o
    JOIN reference_activities own ON own.organisation = o.id
    WHERE o.is_active AND o.contact <> '' AND own.id IN (
        SELECT a.id FROM reference_activities a
        JOIN reference_organisations s ON s.id = a.organisation
        LEFT JOIN reference_locations l ON l.activity = a.id
        LEFT JOIN reference_perimeters p ON p.id = l.perimeter
        WHERE {MEETS} AND a.organisation = o.id
    )
"""
WITHOUT_DETOUR: Final = f"""
    SELECT DISTINCT s.id, s.name, s.kind FROM reference_organisations s
    JOIN reference_activities a ON a.organisation = s.id
    LEFT JOIN reference_locations l ON l.activity = a.id
    LEFT JOIN reference_perimeters p ON p.id = l.perimeter
    WHERE s.is_active AND s.contact <> '' AND {MEETS}
"""


class Reference:
    """Its tables, in a database of the running engine."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection

    @classmethod
    async def filled(cls, connection: "asyncpg.Connection[asyncpg.Record]", offers: Postings) -> "Reference":
        """With these offers: an organisation and an activity each."""
        codes = communes()[3]
        names: dict[str, int] = {}
        for table, columns in COLUMNS.items():
            await connection.execute(f"DROP TABLE IF EXISTS {table}")
            await connection.execute(f"CREATE UNLOGGED TABLE {table} ({columns})")
        for first in range(0, len(offers), AT_ONCE):
            organisations, activities, locations = list[Any](), list[Any](), list[Any]()
            for row in range(first, min(first + AT_ONCE, len(offers))):
                kind, one = int(offers.area[row]), row + 1
                at = (float(offers.latitude[row]), float(offers.longitude[row]))
                organisations.append((one, f"Organisation {one}", "EI", True, f"{one}@example.org", *at))
                asks = [bit for bit in range(6) if int(offers.asks[row]) >> bit & 1]
                geo = "CUSTOM" if kind < 0 else "COUNTRY" if kind == COUNTRY else "ZONES"
                span = (int(offers.opens[row]), int(offers.closes[row]))
                activities.append((one, one, asks, geo, int(offers.radius_km[row]), *span))
                if geo == "ZONES":
                    name = area_name(kind, codes[offers.commune[row]])
                    locations.append((one, names.setdefault(name, len(names) + 1)))
            await connection.copy_records_to_table("reference_organisations", records=organisations)
            await connection.copy_records_to_table("reference_activities", records=activities)
            await connection.copy_records_to_table("reference_locations", records=locations)
        perimeters = [(number, name) for name, number in names.items()]
        await connection.copy_records_to_table("reference_perimeters", records=perimeters)
        for statement in INDEXES:
            await connection.execute(statement, timeout=1800)
        return cls(connection)

    async def as_published(self, asked: Question) -> list[int]:
        """The numbers of all who meet the constraints, in no order."""
        return await self._all_of(AS_PUBLISHED, asked)

    async def without_detour(self, asked: Question) -> list[int]:
        """The same by one join."""
        return await self._all_of(WITHOUT_DETOUR, asked)

    async def _all_of(self, query: str, asked: Question) -> list[int]:
        asks = [asked.asks.bit_length() - 1]
        at = (asked.latitude, asked.longitude)
        found = await self.connection.fetch(query, asks, asked.opens, asked.closes, *at, asked.areas)
        return [row["id"] for row in found]
