"""The catalogue of the files in the words of DCAT, as portals of open data gather them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.catalog.opendata.datasets import DATASETS
from services.catalog.opendata.models import MEDIA_TYPES, Dataset, Form, Stamp
from services.catalog.settings import Settings

MEDIA_TYPE = "application/ld+json"
LICENCE = "https://spdx.org/licenses/etalab-2.0.html"
LICENCE_NAME = "Licence Ouverte 2.0 / Etalab"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "csvw": "http://www.w3.org/ns/csvw#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FRENCH = "http://publications.europa.eu/resource/authority/language/FRA"
# Written anew at each asking.
CONTINUOUS = "http://publications.europa.eu/resource/authority/frequency/UPDATE_CONT"


def catalogue(settings: Settings, stamps: Mapping[str, Stamp]) -> dict[str, Any]:
    """The whole document."""
    url = settings.public_url
    publisher = {"@type": "foaf:Agent", "foaf:name": settings.operator.name or "Boucle"}
    return {
        "@context": CONTEXT,
        "@id": f"{url}/api/open-data.json",
        "@type": "dcat:Catalog",
        "dct:title": "Boucle",
        "dct:description": "Besoins, gisements, lots, activités et structures d'un territoire.",
        "dct:language": {"@id": FRENCH},
        "dct:license": {"@id": LICENCE},
        "dct:publisher": publisher,
        "foaf:homepage": {"@id": f"{url}/open-data"},
        "dcat:dataset": [_dataset(each, stamps[name], url, publisher) for name, each in DATASETS.items()],
    }


def _dataset(dataset: Dataset, stamp: Stamp, url: str, publisher: Mapping[str, str]) -> dict[str, Any]:
    page = f"{url}/open-data#{dataset.name}"
    told = {
        "@id": page,
        "@type": "dcat:Dataset",
        "dct:identifier": dataset.name,
        "dct:title": dataset.title,
        "dct:description": dataset.words,
        "dct:publisher": publisher,
        "dct:license": {"@id": LICENCE},
        "dct:accrualPeriodicity": {"@id": CONTINUOUS},
        "dcat:landingPage": {"@id": page},
        "csvw:tableSchema": {"csvw:column": [_column(each.name, each.kind, each.words) for each in dataset.columns]},
        "dcat:distribution": [_distribution(dataset, form, url) for form in dataset.forms],
    }
    if stamp.changed_at is not None:
        told["dct:modified"] = {"@type": "xsd:dateTime", "@value": stamp.changed_at.isoformat(timespec="seconds")}
    return told


def _column(name: str, kind: str, words: str) -> dict[str, str]:
    return {"csvw:name": name, "csvw:datatype": kind, "dct:description": words}


def _distribution(dataset: Dataset, form: Form, url: str) -> dict[str, Any]:
    address = f"{url}/api/open-data/{dataset.name}.{form}"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": f"{dataset.title} ({form.upper()})",
        "dct:format": form.value,
        "dcat:mediaType": MEDIA_TYPES[form].partition(";")[0],
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dct:license": {"@id": LICENCE},
    }
