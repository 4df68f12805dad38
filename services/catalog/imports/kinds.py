"""The kinds of rows a file may hold, in the order they are imported: owners before what they post."""

from __future__ import annotations

from collections.abc import Mapping

from services.catalog.imports.flows import FLOWS
from services.catalog.imports.needs import NEEDS
from services.catalog.imports.offers import OFFERS
from services.catalog.imports.organisations import ORGANISATIONS
from services.catalog.imports.taking import Kind

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ORGANISATIONS, OFFERS, NEEDS, FLOWS)}
