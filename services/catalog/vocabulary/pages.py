"""The pages of the vocabulary: all of it by kind, a search among it, and each category."""

from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter

from services.catalog.vocabulary.queries import category_shown, found_categories
from services.catalog.vocabulary.view import families_of, lines_of, view_of
from shared.vocabulary import categories
from shared.web.pages import Html, Req, is_fragment, page
from shared.web.visit import visit_of

HOME = "/vocabulary"
Query = Annotated[str, QueryParameter(max_length=200)]


@get(HOME)
async def vocabulary(request: Req, q: Query = "") -> Html:
    """Every family with a taste of what is below it, or what words or a code lead to."""
    language, asked = visit_of(request).language, q.strip()
    return page(
        request,
        "vocabulary/found.html" if is_fragment(request) else "vocabulary/list.html",
        asked=asked,
        found=lines_of(found_categories(asked, language), language, asked=asked) if asked else [],
        families=[] if asked else families_of(language),
        total=len(categories()),
    )


@get(f"{HOME}/{{category_id:str}}")
async def show_category(request: Req, category_id: FromPath[str]) -> Html:
    """One category: its names, its codes, what is usual for it, and what stands beside it."""
    return page(request, "vocabulary/page.html", **view_of(request, category_shown(category_id)))


ROUTES = [vocabulary, show_category]
