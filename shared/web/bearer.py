"""Programs say what they may act with in `Authorization: Bearer …`: no cookie is read beside it, and none is set."""

from collections.abc import Mapping

from shared.refusal import Refusal
from shared.web.pages import Req
from shared.web.urls import is_api
from shared.web.visit import Visit

# RFC 6750, 3.
CHALLENGE = 'Bearer realm="Boucle"'


class KeyRefused(Refusal):
    """What was shown opens nothing: wrong, expired, revoked or its maker gone, never said which."""

    status = 401
    sentence = "Cette clé n'ouvre rien : elle est fausse, expirée ou révoquée."

    @property
    def headers(self) -> Mapping[str, str]:
        """What would open."""
        return {"www-authenticate": f'{CHALLENGE}, error="invalid_token"'}


class ScopeTooSmall(Refusal):
    """The key reads, or writes elsewhere."""

    status = 403
    sentence = "Cette clé permet de lire, pas d'écrire ici."

    @property
    def headers(self) -> Mapping[str, str]:
        """What another key would need."""
        return {"www-authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="write"'}


def shown_by_program(request: Req, visit: Visit) -> str | None:
    """The key or token that a program shows at a JSON route, which makes the visit a program's; otherwise None.

    Pages are for browsers: there the header is not read. Nor is it on the documents, one of which is a page.
    """
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    path = request.scope["path"]
    if scheme.lower() != "bearer" or not is_api(path) or path.partition("/api/v1/")[2].startswith("docs"):
        return None
    visit.is_program = True
    visit.cookies.clear()
    return shown.strip()
