"""What the forms of needs, offers and flows share: lists to choose from, the button pressed, suggestions."""

from functools import cache, partial
from typing import Any

from litestar import get
from litestar.params import FromQuery

from services.catalog.posting.codes import MOST_READ, About, codes_for, last_typed, proposed_codes
from services.catalog.posting.schemas import suggested_categories
from shared.phrases.names import PERIODS, options
from shared.territory import gazetteer
from shared.vocabulary import UNITS, CodeScheme, categories, children, name, roots
from shared.web.forms import Form
from shared.web.pages import Html, Req, page
from shared.web.visit import visit_of


@get("/suggest/categories")
async def suggest_categories(request: Req, title: FromQuery[str] = "", description: FromQuery[str] = "") -> Html:
    """Check boxes of the categories a text speaks of; those already chosen stay."""
    chosen = dict.fromkeys(each for each in request.query_params.getall("categories", []) if each in categories())
    found = suggested_categories(title[:200], description[:400])
    return page(
        request, "posting/categories.html", chosen=list(chosen), suggested=[c for c in found if c not in chosen]
    )


@get("/suggest/categories/all")
async def suggest_all_categories(request: Req) -> Html:
    """The whole list to choose from: 8 kB that a form leaves out until somebody asks for it."""
    return page(request, "posting/all_categories.html", category_groups=category_groups(visit_of(request).language))


@get("/suggest/codes")
async def suggest_posting_codes(
    request: Req,
    scheme: FromQuery[CodeScheme],
    *,
    title: FromQuery[str] = "",
    description: FromQuery[str] = "",
    about: FromQuery[str] = "",
    of: FromQuery[str] = "",
) -> Html:
    """Buttons that put a code into its field, for what is typed there or, before that, for what the posting is.

    `about` and `of` are its title and categories where the form does not hold them.
    """
    text = request.query_params.get(scheme, "")[:MOST_READ]
    chosen = request.query_params.getall("categories", []) or of.split(",")
    known = About.of({"title": title or about, "description": description, "categories": chosen})
    return page(
        request,
        "posting/codes.html",
        scheme=scheme,
        proposed=proposed_codes(text, scheme, visit_of(request).language, known),
        last=last_typed(text, scheme),
    )


@get("/suggest/places")
async def suggest_places(request: Req, place: FromQuery[str] = "") -> Html:
    """Options for a place field's datalist."""
    return page(request, "posting/places.html", places=gazetteer.search(place[:80]) if len(place) > 1 else [])


@cache
def category_groups(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The vocabulary for a select: each root's name with its categories, indented by level."""

    def below(category_id: str, depth: int) -> list[tuple[str, str]]:
        rows = []
        for child in children(category_id):
            rows.append((child, "\u2003" * depth + name(child, language)))
            rows += below(child, depth + 1)
        return rows

    return [(name(root, language), below(root, 0)) for root in roots()]


def form_lists(request: Req) -> dict[str, object]:
    """What every posting form offers to choose from, in the visitor's language."""
    language = visit_of(request).language
    return {
        "category_groups": category_groups(language),
        # A form that comes back may hold any text where a category was asked.
        "known_categories": categories(),
        "unit_options": [("", "")] + [(each.id, each.name(language, plural=True)) for each in UNITS],
        "period_options": options(PERIODS, language),
        "codes_for": partial(codes_for, language=language),
    }


async def pressed(request: Req) -> str:
    """The button a form was sent with: publish, draft, dates or categories."""
    return str((await request.form()).get("then") or "draft")


async def asks_for_categories(request: Req, form: Form[Any]) -> bool:
    """True when the button for the whole list was pressed, without scripts: the form comes back with it, unjudged."""
    if await pressed(request) != "categories":
        return False
    form.data, form.errors = None, {}
    form.typed["all_categories"] = True
    return True


ROUTES = [suggest_categories, suggest_all_categories, suggest_posting_codes, suggest_places]
