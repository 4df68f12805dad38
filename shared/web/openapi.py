"""The OpenAPI document of a service's JSON routes: what Litestar reads off them, and what holds for all of them."""

import json
from http import HTTPStatus
from typing import Any, Final

import msgspec
import yaml
from litestar import Litestar, Request, Router
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, YamlRenderPlugin
from litestar.serialization import encode_json, get_serializer
from litestar.types import BeforeRequestHookHandler

from shared.web.conditions import IF_MATCH
from shared.web.csrf import HEADER as CSRF
from shared.web.csrf import SAFE_METHODS
from shared.web.errors import PROBLEM, Problem
from shared.web.idempotency import HEADER as IDEMPOTENCY_KEY
from shared.web.idempotency import REPLAYED
from shared.web.pages import page
from shared.web.transactions import once, seen
from shared.web.urls import is_api
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE

Schema = dict[str, Any]

# A key that opens nothing is refused everywhere, also where nobody needs one.
ALL: Final = (400, 401, 422, 429, 500, 503)
UNSAFE: Final = (403, 413, 415)
# Who asks for one of these keeps some members out.
KEPT_FROM_SOME: Final = frozenset({"editor", "coordinator"})
WHY: Final = {
    304: "The reader holds this answer already (`If-None-Match`).",
    400: "The request is malformed, or a required header is missing.",
    401: "Nobody is signed in, or the key that was shown opens nothing.",
    403: "The member's role or the key's scope does not allow it, or the request comes without its session's token.",
    404: "There is no such thing for this organisation.",
    409: "The state of the thing does not allow it, or the same Idempotency-Key is being worked on.",
    412: "Somebody saved another version than the one that `If-Match` names.",
    413: "The body is too large.",
    415: "The body is of another type than what is taken here: JSON, or a form where files are sent.",
    422: "A value is wrong (`errors` names it), or the Idempotency-Key was used for another request.",
    428: "`If-Match` is missing.",
    429: "The member, the organisation or the address asked too much in this minute.",
    500: "A mistake of ours.",
    503: "The service is not ready, or its database is away.",
}
REQUIRED: Final[dict[str, Schema]] = {
    IDEMPOTENCY_KEY: {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!#-\[\]-~]+$"},
    IF_MATCH: {"type": "string", "examples": ['"3-PqUwtK6ruNdI"', '"3"', "*"]},
}
HEADERS: Final = {
    "ETag": 'The tag of this answer, `"<version>-<digest>"`: `If-Match` reads the version, `If-None-Match` all of it.',
    "Link": 'The following page, `rel="next"`, when there is one.',
    "Location": "The address of what was made.",
    REPLAYED: "`true` when this is the answer to an earlier request with the same Idempotency-Key.",
    "RateLimit": "What is left of the tightest limit: `r` requests for `t` seconds.",
    "RateLimit-Policy": "The limits: `q` requests in `w` seconds each.",
    "Retry-After": "Seconds to wait.",
}
BEARER: Final[Schema] = {"bearer": []}
READERS: Final = [{"session": []}, BEARER]
TIME_OF_DAY: Final = r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
LIMITS: Final = ("RateLimit", "RateLimit-Policy")
KEY: Final[Schema] = {
    "bearerFormat": "boucle_…",
    "description": "An organisation's key, made at `/organisation/keys` by an owner. No cookie is read beside it.",
}
TOKEN: Final[Schema] = {
    "bearerFormat": "JWT",
    "description": "What catalog's `POST /api/v1/token` gives for a key; good for less than a minute, so ask again.",
}
DESCRIPTION: Final = (
    "Every error is a problem (RFC 9457) whose `type` is stable. Lists go on by `cursor` and `Link`. What makes "
    "something takes an `Idempotency-Key`, what changes something an `If-Match`. Texts are French; English below `/en`."
)


def document(app: Litestar) -> Schema:
    """The OpenAPI 3.1 document, made once."""
    made: Schema | None = app.state.get("openapi_document")
    if made is None:
        made = app.state["openapi_document"] = _made(app)
    return made


def _made(app: Litestar) -> Schema:
    whole: Schema = _mended(json.loads(encode_json(app.openapi_schema.to_schema(), get_serializer())))
    handlers = {
        (route.path_format, method): handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
    }
    paths = {path: methods for path, methods in whole["paths"].items() if is_api(f"{path}/")}
    for path, methods in paths.items():
        for method, operation in methods.items():
            _complete(operation, handlers[path, method.upper()], path=path, method=method.upper())
    components = whole["components"]
    components["schemas"] |= msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")[1]
    components["headers"] = {name: {"description": why, "schema": {"type": "string"}} for name, why in HEADERS.items()}
    components["responses"] = {str(status): _answer(status, why) for status, why in WHY.items()}
    components["securitySchemes"] = _security_schemes(app)
    tags = sorted({tag for methods in paths.values() for each in methods.values() for tag in each["tags"]})
    return {**whole, "paths": paths, "components": components, "tags": [{"name": tag} for tag in tags]}


def _mended(part: Any) -> Any:
    """The same with times of day as they are: Litestar calls them durations, and JSON Schema's `time` has a zone."""
    if isinstance(part, list):
        return [_mended(each) for each in part]
    if not isinstance(part, dict):
        return part
    mended = {name: _mended(each) for name, each in part.items() if (name, each) != ("format", "duration")}
    return mended if len(mended) == len(part) else {**mended, "pattern": TIME_OF_DAY}


def _complete(operation: Schema, handler: HTTPRouteHandler, *, path: str, method: str) -> None:
    asks = set(handler.parsed_fn_signature.parameters)
    transaction = handler.resolve_dependencies()["session"]
    is_once, is_seen = transaction.dependency is once, transaction.dependency is seen
    is_open = not asks & {"member", *KEPT_FROM_SOME}
    operation["summary"], _, _ = str(operation.get("description", "")).partition(".")
    operation.setdefault("tags", [path.split("/api/v1/")[1].partition("/")[0]])
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in REQUIRED:
            parameter |= {"required": True, "schema": REQUIRED[parameter["name"]]}
    statuses = {*ALL}
    if method in SAFE_METHODS:
        statuses |= {304}
        operation["security"] = [{}, *READERS] if is_open else READERS
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
    else:
        statuses |= {*UNSAFE}
        operation["security"] = [BEARER] if handler.opt.get("any_scope") else [{"session": [], "csrf": []}, BEARER]
    # What others of the same organisation may not even read.
    statuses |= {403} if asks & KEPT_FROM_SOME else set()
    statuses |= {404} if "{" in path else set()
    statuses |= {409} if is_once else {404, 409, 412, 428} if is_seen else set()
    answers = {status: answer for status, answer in operation["responses"].items() if status < "300"}
    for status, answer in answers.items():
        names = [*LIMITS, *_headers(status, is_once=is_once, is_list="cursor" in asks)]
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        answer["description"] = HTTPStatus(int(status)).phrase
    problems = {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}
    operation["responses"] = answers | problems


_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the answer that the reader holds.",
}


def _headers(status: str, *, is_once: bool, is_list: bool) -> list[str]:
    """What a good answer says beside its body."""
    said = ["ETag"] if status != "204" else []
    return said + (["Location", REPLAYED] if is_once else []) + (["Link"] if is_list else [])


def _answer(status: int, why: str) -> Schema:
    names = [*LIMITS, *(["Retry-After"] if status in (429, 503) else [])]
    answer: Schema = {
        "description": why,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if status >= 400:
        answer["content"] = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return answer


def _security_schemes(app: Litestar) -> Schema:
    is_catalog = app.state.settings.service == "catalog"
    name, shown = (SESSION_COOKIE, KEY) if is_catalog else (IDENTITY_COOKIE, TOKEN)
    return {
        "session": {"type": "apiKey", "in": "cookie", "name": name, "description": "Set by signing in."},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF, "description": "The session's token, in every form."},
        "bearer": {"type": "http", "scheme": "bearer", **shown},
    }


def operation_id(handler: HTTPRouteHandler, _method: Any, path: list[Any]) -> str:
    """`publish_need`: what the route does, and to what; unique in its service, pages included."""
    name = handler.handler_name
    static = [part for part in path if isinstance(part, str)]
    if not is_api(f"/{'/'.join(static)}/"):
        return "_".join(("page", name, *static))
    noun = static[static.index("v1") + 1].removesuffix("s")
    return name if "_" in name else f"{name}_{noun}"


class Json(JsonRenderPlugin):
    """The document as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:  # noqa: ARG002 - ours is fuller
        """The bytes."""
        return json.dumps(document(request.app), ensure_ascii=False).encode()


class Yaml(YamlRenderPlugin):
    """The document as YAML."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:  # noqa: ARG002 - the same
        """The bytes."""
        return yaml.safe_dump(document(request.app), sort_keys=False, allow_unicode=True).encode()


class Overview(OpenAPIRenderPlugin):
    """The document as a page of ours: the known renderers run scripts from elsewhere, which our policy refuses."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:  # noqa: ARG002 - the same
        """The page's bytes."""
        described = document(request.app)
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                groups.setdefault(operation["tags"][0], []).append((method.upper(), path, operation["description"]))
        chosen = request.query_params.get("of")
        if chosen in groups:
            groups = {chosen: groups[chosen]}
        else:
            chosen = None
        shown = page(request, "openapi.html", groups=groups, chosen=chosen, service=request.app.state.settings.service)
        return shown.content.encode()


def openapi_config(service: str, before_request: BeforeRequestHookHandler) -> OpenAPIConfig:
    """Where and how the document is served; an unknown address below it is a problem like any other."""

    async def known(request: Request[Any, Any, Any]) -> Any:
        if request.path_params:
            raise NotFoundException
        return await before_request(request)

    base = "/api/v1/docs" if service == "catalog" else f"/{service}/api/v1/docs"
    return OpenAPIConfig(
        title=f"Boucle: {service}",
        version="1",
        description=DESCRIPTION,
        use_handler_docstrings=True,
        operation_id_creator=operation_id,
        render_plugins=[Overview(), Json(), Yaml()],
        openapi_router=Router(base, route_handlers=[], include_in_schema=False, before_request=known),
    )
