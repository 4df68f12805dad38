"""A need on paper: what its page says to the same visitor, with dates that stay true."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from services.catalog.files.models import StoredFile
from services.catalog.needs.models import Need
from services.catalog.needs.view import facts_of, view_of
from shared.identity import Identity
from shared.papers.printing import print_paper
from shared.vocabulary import name as category_name
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.urls import in_language
from shared.web.visit import visit_of

TEMPLATE: Final = Path(__file__).parent / "papers" / "need.typ"


async def need_on_paper(
    request: Req, need: Need, visitor: Identity | None, *, files: Sequence[StoredFile], now: datetime
) -> bytes:
    """The PDF, in the visitor's language."""
    language, say = visit_of(request).language, partial(gettext, request)
    shown = view_of(request, need, visitor, files=files)
    deadline = need.deadline_on and say("Répondre avant %(day)s") % {"day": i18n.full_day(need.deadline_on, language)}
    read_on = say("Lu sur Boucle le %(day)s") % {"day": i18n.full_day(now, language)}
    said = {
        "language": language,
        "title": need.title or say("Brouillon sans titre"),
        "badges": [each for each in (shown["state_badge"][0][0], shown["kind_name"], deadline) if each],
        "author": say("Structure dont le nom est caché") if shown["hide_author"] else need.organisation.name,
        "facts": facts_of(request, need, day=i18n.full_day),
        "sections": list(_sections(request, need, shown)),
        "where": say("Cette demande en ligne"),
        "address": request.app.state.settings.public_url + in_language(f"/needs/{need.id}", language),
        "foot": f"{read_on}  ·  {say('Page {page} sur {pages}')}",
    }
    return await print_paper(TEMPLATE, said, at=now)


def _sections(request: Req, need: Need, shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each with a title, and words, lines or a note."""
    say = partial(gettext, request)
    if need.description:
        yield {"title": say("Description"), "words": need.description}
    if shown["clause"] or need.environmental_condition:
        told = {"words": need.environmental_condition} if need.environmental_condition else {}
        note = say("Déclaré par l'acheteur, à vérifier.")
        yield {"title": say("Clauses"), "lines": shown["clause"], "note": note, **told}
    if shown["files"]:
        yield {"title": say("Documents"), "lines": [f"{each.name} ({each.about})" for each in shown["files"]]}
    if need.categories or shown["codes"]:
        names = [category_name(each, visit_of(request).language) for each in need.categories]
        yield {"title": say("Catégories"), "lines": [*names, *shown["codes"]]}
