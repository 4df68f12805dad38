"""The routes of an application as its OpenAPI document tells them, and requests made from that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Litestar

from services.catalog.flows.writing import FLOW_WRITING
from services.catalog.needs.writing import NEED_WRITING
from services.catalog.offers.writing import OFFER_WRITING
from shared.web.csrf import SAFE_METHODS
from shared.web.urls import is_api

# The codes of the steps in which each kind of thing is written.
STEPS = {
    writing.path: tuple(step.code for step in writing.steps) for writing in (NEED_WRITING, FLOW_WRITING, OFFER_WRITING)
}
FILE = {"file": ("plan.pdf", b"%PDF-1.7\n%%EOF\n")}
SHEET = {"file": ("besoins.csv", b"id;titre;type;lieu\nn1;Repas;Achat;Muret\n")}
# What is sent to addresses that end so.
FILES = {"/files": FILE, "/imports": SHEET}

# What every form of ours takes from it is what it has a field for.
FORM = {
    "title": "Palettes en bois",
    "categories": ["wooden-pallets"],
    "place": "31000 Toulouse",
    "quantity_value": "5",
    "quantity_unit": "t",
    "need_kinds": ["procurement"],
    "legal_status": "product",
    "outcome": "price",
    "person_name": "Camille",
    "language": "fr",
    "kind": "procurement",
    "organisation_name": "Atelier",
    "name": "Quai 3",
    "finding": "verified",
    "proof": "register",
    "words": "Précisez la date.",
    "role": "viewer",
    "scopes": ["read"],
    "answer": "refused",
    "codes": ["esus"],
    "code": "AAAAAAAA",
    "siret": "55208131766522",
    "url": "https://exemple.fr/boucle",
    "events": ["catalog.need.published.v1"],
    "since": "2026-01-01",
    "result": "reached",
    "value": "12",
    "valid_from": "2026-01-01",
    "source": "Décret 2027-1",
    "source_on": "2026-01-01",
    "reason": "Le décret change le taux.",
    "weekly_asks": "7",
    "reply": "Oui, pour deux palettes.",
}
Schema = dict[str, Any]


@dataclass(frozen=True)
class Route:
    """One method of one address: the names in its path, the schemas of its query and of its JSON body's fields."""

    method: str
    path: str
    takes: tuple[str, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    fields: Mapping[str, Schema] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    takes_files: bool = False

    @property
    def is_unsafe(self) -> bool:
        """True when it may change something."""
        return self.method not in SAFE_METHODS

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def addresses(self, ids: Mapping[str, Sequence[object]], *, words: str = "") -> Iterator[str]:
        """Every address of the route that names one of `ids`, bare and with its query.

        Raises `KeyError` for a name in the path that nobody made an id for.
        """
        asked = {name: example(each, ids, words) for name, each in self.query.items()}
        given = {name: value for name, value in asked.items() if value is not None}
        for values in product(*(self._named(name, ids) for name in self.takes)):
            path = self.path.format(**dict(zip(self.takes, values, strict=True)))
            yield path
            if given:
                yield f"{path}?{urlencode(given)}"

    def _named(self, name: str, ids: Mapping[str, Sequence[object]]) -> Sequence[object]:
        """What a name in the path stands for: a wizard's row and step are of the kind that its address begins with."""
        kind = "/" + self.path.split("/")[1]
        if name == "row_id":
            return ids[f"{kind[1:-1]}_id"]
        return STEPS[kind] if name == "code" else ids[name]

    def sent(self, **changes: object) -> dict[str, Any]:
        """What httpx is to send with it: JSON to a JSON route, a form to a page's."""
        if not self.is_unsafe:
            return {}
        if self.takes_files:
            return {"data": {"words": "Voici le plan."}, "files": FILE}
        if is_api(self.path):
            return {"json": {**{name: example(self.fields[name], {}, "") for name in self.required}, **changes}}
        form = {"data": {**FORM, **changes}}
        files = next((sent for ending, sent in FILES.items() if self.path.endswith(ending)), None)
        return {**form, "files": files} if files else form


def routes_of(app: Litestar) -> list[Route]:
    """Every route of the OpenAPI document; those that end a session come last."""
    document = app.openapi_schema.to_schema()
    found = [
        _route(document, path, method.upper(), operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if not path.startswith("/static")
    ]
    return sorted(found, key=lambda route: route.path == "/session/end")


def _route(document: Schema, path: str, method: str, operation: Schema) -> Route:
    parameters = operation.get("parameters", [])
    contents = operation.get("requestBody", {}).get("content", {})
    schema = inlined(document, contents.get("application/json", {}).get("schema", {}))
    return Route(
        method,
        path,
        tuple(each["name"] for each in parameters if each["in"] == "path"),
        {each["name"]: inlined(document, each["schema"]) for each in parameters if each["in"] == "query"},
        schema.get("properties", {}),
        tuple(schema.get("required", ())),
        "multipart/form-data" in contents,
    )


def inlined(document: Schema, part: Any) -> Any:
    """A part of the document with what it refers to put in its place."""
    if isinstance(part, list):
        return [inlined(document, each) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return inlined(document, document["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]])
    return {name: inlined(document, each) for name, each in part.items()}


def example(schema: Schema, ids: Mapping[str, Sequence[object]], words: str) -> Any:
    """A value that fits a schema: a foreign id where an id is asked, `words` where a text is."""
    for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        if choice.get("type") != "null":
            return example(choice, ids, words)
    if "enum" in schema:
        return schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    kind = schema.get("type")
    if schema.get("format") == "uuid":
        return str(next((value for values in ids.values() for value in values), UUID(int=0)))
    if kind in ("integer", "number"):
        return int(max(schema.get("minimum", 0), kind == "number"))
    return {"string": words, "boolean": "false"}.get(str(kind))
