"""What a route's value becomes: JSON with its entity tag, its address when it is new, and where a list goes on."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_304_NOT_MODIFIED

from shared.web.conditions import is_among, tag_of
from shared.web.urls import is_api

ANSWER = "boucle.answer"
CURSOR = "cursor"


class Answer(Response[Any]):
    """The answer to a program; what it reads off a value are `version`, `id` and `next`, where there are such.

    The answer is left in the request's scope, for the transaction that keeps it with its effect.
    """

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **kwargs: Any) -> ASGIResponse:
        """The bytes and headers, or 304 for who holds them already."""
        answer = super().to_asgi_response(app, request, **kwargs)
        if is_api(request.scope["path"]) and answer.status_code in (HTTP_200_OK, HTTP_201_CREATED):
            self._describe(answer, request)
            held = request.headers.get("if-none-match")
            if held is not None and request.method == "GET" and is_among(answer.headers["etag"], held):
                headers = [(name, answer.headers[name]) for name in ("etag", "link") if name in answer.headers]
                return ASGIResponse(headers=headers, status_code=HTTP_304_NOT_MODIFIED)
        request.scope["state"][ANSWER] = answer
        return answer

    def _describe(self, answer: ASGIResponse, request: Request[Any, Any, Any]) -> None:
        path, value = request.scope["path"], self.content
        answer.headers["etag"] = tag_of(answer.body, getattr(value, "version", None))
        if answer.status_code == HTTP_201_CREATED:
            answer.headers["location"] = f"{path.rstrip('/')}/{value.id}"
        following = getattr(value, "next", None)
        if following is not None:
            asked = [(name, text) for name, text in request.query_params.multi_items() if name != CURSOR]
            answer.headers["link"] = f'<{path}?{urlencode([*asked, (CURSOR, following)])}>; rel="next"'
