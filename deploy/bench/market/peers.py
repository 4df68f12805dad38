"""The peers that are asked the same: PostgreSQL's full text and tantivy.

Each is given what suits it: indexes on everything that is asked, plans made for the values asked, data in memory.
"""

import math
from pathlib import Path
from typing import Any, Final

import asyncpg
import numpy as np
import tantivy

from deploy.bench.market.asking import Question
from deploy.bench.market.making import RADII_KM, Postings, communes
from deploy.bench.market.ours import TOP, area_name
from deploy.embedded.instance import Instance
from services.matching.index.compiled.geometry import square_chord
from shared.messaging.worker import asyncpg_dsn

KM_A_DEGREE: Final = 111.0
AT_ONCE: Final = 20_000
TUNED: Final = (
    "SET plan_cache_mode = force_custom_plan",
    "SET work_mem = '64MB'",
    "SET random_page_cost = 1.1",
    "SET jit = off",
    "SET max_parallel_workers_per_gather = 2",
)
TABLES: Final = (
    "DROP TABLE IF EXISTS market_offers, market_text",
    """CREATE UNLOGGED TABLE market_text (id int, asks int, opens int, closes int, lat float8, lon float8,
       x float8, y float8, z float8, reach float8, half float8, area text, words text)""",
)
INDEXES: Final = (
    """CREATE UNLOGGED TABLE market_offers AS
       SELECT id, asks, opens, closes, lat, lon, x, y, z, reach, area, to_tsvector('simple', words) AS words,
              CASE WHEN area = '' THEN box(point(lon - half / cos(radians(lat)), lat - half),
                                           point(lon + half / cos(radians(lat)), lat + half)) END AS around
       FROM market_text ORDER BY lat, lon""",
    "DROP TABLE market_text",
    "CREATE INDEX ON market_offers USING gin (words) WITH (fastupdate = off)",
    "CREATE INDEX ON market_offers USING gist (around) WHERE area = ''",
    "CREATE INDEX ON market_offers (area) WHERE area <> ''",
    "ANALYZE market_offers",
)
MEETS: Final = "asks & $1 <> 0 AND opens <= $3 AND closes >= $2"
AROUND: Final = f"""
    area = '' AND around @> box(point($5, $4), point($5, $4)) AND {MEETS}
    AND (x - $6) * (x - $6) + (y - $7) * (y - $7) + (z - $8) * (z - $8) <= reach
"""
WITHIN: Final = f"area <> '' AND area = ANY($9::text[]) AND {MEETS}"
FULL_TEXT: Final = f"""
    SELECT id FROM (
        SELECT id, ts_rank(words, $10::tsquery) AS rank FROM market_offers WHERE words @@ $10::tsquery AND {AROUND}
        UNION ALL
        SELECT id, ts_rank(words, $10::tsquery) FROM market_offers WHERE words @@ $10::tsquery AND {WITHIN}
    ) found ORDER BY rank DESC, id LIMIT {TOP}
"""


class PostgreSql:
    """A table with a GIN index on the text, GiST on the reach and a tree on areas."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection

    @classmethod
    async def filled(cls, instance: Instance, offers: Postings) -> "PostgreSql":
        """With these offers, in a database of the running engine."""
        connection = await asyncpg.connect(asyncpg_dsn(instance.admin_database_url("postgres")), ssl=False)
        for statement in (*TUNED, *TABLES):
            await connection.execute(statement)
        for first in range(0, len(offers), AT_ONCE):
            rows = _rows(offers, first, min(first + AT_ONCE, len(offers)))
            await connection.copy_records_to_table("market_text", records=rows)
        for statement in INDEXES:
            await connection.execute(statement, timeout=1800)
        return cls(connection)

    async def best(self, asked: Question) -> list[int]:
        """The numbers of what it ranks first."""
        words = " | ".join(f"w{each}" for each in asked.words)
        return [row["id"] for row in await self.connection.fetch(FULL_TEXT, *_values(asked), words)]

    async def size_mb(self) -> float:
        """Table and indexes."""
        return float(await self.connection.fetchval("SELECT pg_total_relation_size('market_offers') / 1e6"))


def _values(asked: Question) -> list[Any]:
    return [asked.asks, asked.opens, asked.closes, asked.latitude, asked.longitude, *asked.point, asked.areas]


def _rows(offers: Postings, first: int, last: int) -> list[tuple[Any, ...]]:
    codes = communes()[3]
    rows = []
    for row in range(first, last):
        latitude, longitude = float(offers.latitude[row]), float(offers.longitude[row])
        km = float(offers.radius_km[row])
        phi, theta = math.radians(latitude), math.radians(longitude)
        kind = int(offers.area[row])
        area = "" if kind < 0 else area_name(kind, codes[offers.commune[row]])
        point = (math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi))
        words = " ".join(f"w{each}" for each in offers.words[row])
        span = (int(offers.asks[row]), int(offers.opens[row]), int(offers.closes[row]))
        reach = (square_chord(km), km / KM_A_DEGREE * 1.02)
        rows.append((row + 1, *span, latitude, longitude, *point, *reach, area, words))
    return rows


class Tantivy:
    """One field of words, one of exact terms (kinds, areas, classes of radius), numbers for days and places."""

    def __init__(self, index: tantivy.Index, folder: Path) -> None:
        self.index, self.folder = index, folder
        index.reload()
        self.searcher = index.searcher()

    @classmethod
    def filled(cls, offers: Postings, folder: Path) -> "Tantivy":
        """With these offers, in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(_schema(), path=str(folder))
        writer = index.writer(heap_size=400_000_000, num_threads=2)
        codes = communes()[3]
        for row in range(len(offers)):
            kind = int(offers.area[row])
            near = f"r{int(offers.radius_km[row])}" if kind < 0 else area_name(kind, codes[offers.commune[row]])
            asks = [f"k{bit}" for bit in range(6) if int(offers.asks[row]) >> bit & 1]
            writer.add_document(
                tantivy.Document(
                    id=[row + 1],
                    words=[" ".join(f"w{each}" for each in offers.words[row])],
                    exact=[near.replace(" ", "_"), *asks],
                    opens=[int(offers.opens[row])],
                    closes=[int(offers.closes[row])],
                    lat=[float(offers.latitude[row])],
                    lon=[float(offers.longitude[row])],
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        return cls(index, folder)

    def best(self, asked: Question) -> list[int]:
        """The numbers of what it ranks first, by BM25 with its own filters."""
        found = self.searcher.search(self._query(asked), limit=TOP)
        return [self.searcher.doc(address)["id"][0] for _, address in found.hits]

    def size_mb(self) -> float:
        """Files of the index."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file()) / 1e6

    def _query(self, asked: Question) -> tantivy.Query:
        schema, occur = self.index.schema, tantivy.Occur
        words = [(occur.Should, tantivy.Query.term_query(schema, "words", f"w{each}")) for each in asked.words]
        near = [(occur.Should, self._exact(each.replace(" ", "_"))) for each in asked.areas]
        near += [(occur.Should, self._box(asked, float(km))) for km in RADII_KM]
        number = tantivy.FieldType.Integer
        must = [
            tantivy.Query.boolean_query(words),
            self._free(self._exact(f"k{asked.asks.bit_length() - 1}")),
            self._free(tantivy.Query.boolean_query(near)),
            self._free(tantivy.Query.range_query(schema, "opens", number, 0, asked.closes)),
            self._free(tantivy.Query.range_query(schema, "closes", number, asked.opens, 65_535)),
        ]
        return tantivy.Query.boolean_query([(occur.Must, each) for each in must])

    def _exact(self, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self.index.schema, "exact", term)

    @staticmethod
    def _free(query: tantivy.Query) -> tantivy.Query:
        """A filter: it decides and adds nothing to the score."""
        return tantivy.Query.const_score_query(query, 0.0)

    def _box(self, asked: Question, km: float) -> tantivy.Query:
        half = km / KM_A_DEGREE
        wide = half / math.cos(math.radians(asked.latitude))
        schema, number = self.index.schema, tantivy.FieldType.Float
        lat = tantivy.Query.range_query(schema, "lat", number, asked.latitude - half, asked.latitude + half)
        lon = tantivy.Query.range_query(schema, "lon", number, asked.longitude - wide, asked.longitude + wide)
        must = [self._exact(f"r{int(km)}"), lat, lon]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, each) for each in must])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True)
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    for name in ("opens", "closes"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("lat", "lon"):
        builder.add_float_field(name, indexed=True, fast=True)
    return builder.build()


def spread(samples: list[float]) -> dict[str, float]:
    """Median and 99th percentile, in ms."""
    return {
        "p50_ms": round(float(np.percentile(samples, 50)) * 1e3, 4),
        "p99_ms": round(float(np.percentile(samples, 99)) * 1e3, 4),
    }
