"""Answers for people: a page or a fragment in the visitor's language, and the redirect after a write."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from jinja2.runtime import Context, Macro
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.response import Redirect
from markupsafe import Markup, escape

from shared import vocabulary
from shared.web import csrf, i18n
from shared.web.assets import asset_url, icon
from shared.web.maps import outlines_url
from shared.web.urls import LANGUAGES
from shared.web.visit import Visit, flash_cookie, take_flash, visit_of

SHARED = Path(__file__).resolve().parent

COMPONENTS = "components.html"

Req = Request[Any, Any, Any]
Html = Response[str]


class Making:
    """One page while it is made: the components, and the contexts of the templates that it is made of."""

    def __init__(self) -> None:
        self.components: Any = None
        self.contexts: list[Context] = []

    def end(self) -> None:
        """Let go of macros, which hold their templates, which hold them.

        Five hundred such knots a page are otherwise found by the collector, which then holds up every hundredth page
        for as long as ten take.
        """
        for context in self.contexts:
            for each in context.vars.values():
                if isinstance(each, Macro):
                    each._func = _ended
            context.vars.clear()
        self.contexts.clear()
        self.components = None


def _ended(*_: object, **__: object) -> str:
    raise RuntimeError("the page of this macro is made")


class OncePerPage(Template):
    """A template; the components, which every part of a page imports, are made once a page and not once an import.

    They read what is the same all over a page: its language, its addresses, its CSRF field.
    """

    def make_module(self, vars: dict[str, Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        making: Making | None = (vars or {}).get("making")
        if self.name != COMPONENTS or making is None:
            return super().make_module(vars, *args, **kwargs)
        if making.components is None:
            making.components = super().make_module(vars, *args, **kwargs)
        return making.components

    def new_context(self, vars: dict[str, Any] | None = None, *args: Any, **kwargs: Any) -> Context:
        context = super().new_context(vars, *args, **kwargs)
        making: Making | None = (vars or {}).get("making")
        if making is not None:
            making.contexts.append(context)
        return context


# How money moves where nobody says otherwise; the foot of every page says it.
OFFLINE: dict[str, Any] = {"payment_mode": "offline", "payments_are_live": None}


class Templates:
    """One Jinja environment a language, with the shell, the components and every feature's own folder.

    A feature's `services/catalog/needs/templates/page.html` is named `needs/page.html`.
    """

    def __init__(self, package: Path, **globals_: Any) -> None:
        folders = (package, SHARED, SHARED.parent / "phrases")
        self._messages = {language: i18n.translations(language, *folders) for language in LANGUAGES}
        self._environments = {language: self._environment(package, language) for language in LANGUAGES}
        for environment in self._environments.values():
            environment.globals.update(OFFLINE | globals_)

    def _environment(self, package: Path, language: str) -> Environment:
        features: dict[str, BaseLoader] = {
            folder.parent.name: FileSystemLoader(folder) for folder in sorted(package.glob("*/templates"))
        }
        environment = Environment(
            loader=ChoiceLoader([PrefixLoader(features), FileSystemLoader(SHARED / "templates")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.template_class = OncePerPage
        environment.install_gettext_translations(self._messages[language], newstyle=True)  # type: ignore[attr-defined]
        environment.globals["_"] = environment.globals["gettext"] = i18n.in_templates(self._messages[language].gettext)
        environment.filters.update(
            typo=i18n.typo if language == "fr" else escape,
            day=partial(i18n.day, language=language),
            full_day=partial(i18n.full_day, language=language),
            month=partial(i18n.month, language=language),
            moment=partial(i18n.moment, language=language),
            clock=partial(i18n.clock, language=language),
            exact=i18n.exact,
            number=partial(i18n.number, language=language),
            money=partial(i18n.money, language=language),
        )
        environment.tests["past"] = i18n.is_past
        environment.globals.update(
            language=language,
            asset_url=asset_url,
            glyph=icon,
            outlines_url=outlines_url,
            category_name=partial(vocabulary.name, language=language),
        )
        return environment

    def render(self, name: str, language: str, context: dict[str, Any]) -> str:
        """The text of a template."""
        making = Making()
        text = self._environments[language].get_template(name).render({**context, "making": making})
        making.end()
        return text

    def gettext(self, language: str) -> Callable[[str], str]:
        """The translation function of a language, for sentences made in Python."""
        return self._messages[language].gettext

    def ngettext(self, language: str) -> Callable[[str, str, int], str]:
        """The same for one or for several."""
        return self._messages[language].ngettext


def page(request: Req, template: str, *, status: int = 200, **context: Any) -> Html:
    """Render a template for this visitor; used for whole pages and for the fragments they include."""
    visit = visit_of(request)
    templates: Templates = request.app.state.templates
    everything = {**_surroundings(request, visit), **context}
    return Response(
        templates.render(template, visit.language, everything),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"vary": "HX-Request, Cookie", "cache-control": "no-store" if visit.identity else "no-cache"},
    )


def _surroundings(request: Req, visit: Visit) -> dict[str, Any]:
    flash = None if is_fragment(request) else take_flash(request, visit)
    return {
        "identity": visit.identity,
        "path": visit.path,
        "url": visit.url,
        "theme": visit.theme,
        "csrf_token": visit.csrf_token,
        "csrf_field": partial(_csrf_field, visit.csrf_token),
        "flash": [(flash.kind, flash.text)] if flash else [],
        "retyped": flash.typed if flash else {},
        "now": datetime.now(UTC),
        "unread": None,
    }


def _csrf_field(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, token)


def is_fragment(request: Req) -> bool:
    """True when htmx asks for a part of a page; when it brings one back from the browser's history, it asks for all."""
    return request.headers.get("hx-request") == "true" and "hx-history-restore-request" not in request.headers


def redirect(
    request: Req, path: str, *, say: str | None = None, kind: str = "ok", typed: Mapping[str, str] = {}
) -> Redirect:
    """After a write: go to a page of ours (303), which shows `say` (a French sentence, translated) once.

    `typed` is what a refused form of that page said: its template has it as `retyped`, short enough for a cookie.
    """
    visit = visit_of(request)
    if say:
        translate = request.app.state.templates.gettext(visit.language)
        visit.cookies.append(flash_cookie(kind, translate(say), typed))
    return Redirect(visit.url(path), status_code=303)


def ngettext(request: Req, one: str, several: str, count: int) -> str:
    """A French sentence in the visitor's language, for one or for several."""
    templates: Templates = request.app.state.templates
    return templates.ngettext(visit_of(request).language)(one, several, count)


def gettext(request: Req, sentence: str) -> str:
    """A French sentence in the visitor's language."""
    templates: Templates = request.app.state.templates
    return templates.gettext(visit_of(request).language)(sentence)
