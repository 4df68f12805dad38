"""The shell and the components, rendered as the services render them."""

import gc
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from services.catalog.about import pages as about
from shared.web import pages
from shared.web.assets import BUILT
from shared.web.pages import Templates

is_built = pytest.mark.skipif(not (BUILT / "manifest.json").exists(), reason="the front end is not built")

MEMBER = SimpleNamespace(
    member_id="m-1", organisation_id="o-1", organisation_name="Palettes Garonne", person_name="Claire Vidal",
    roles={"ess"}, role="ess", is_confirmed=True, is_suspended=False,
)  # fmt: skip


def surroundings(**changes: Any) -> dict[str, Any]:
    """What `page()` gives every template."""
    hidden = Markup('<input type="hidden" name="csrf" value="token">')
    context: dict[str, Any] = {
        "identity": None, "path": "/needs/new", "url": lambda path: path, "theme": None, "csrf_token": "token",
        "csrf_field": lambda: hidden, "flash": [], "now": None, "unread": None,
    }  # fmt: skip
    return context | changes


@pytest.fixture
def render(tmp_path: Path) -> Any:
    """Renders a piece of template that has the components as `ui`."""
    folder = tmp_path / "demo" / "templates"
    folder.mkdir(parents=True)

    def rendered(text: str, language: str = "fr", **context: Any) -> str:
        (folder / "piece.html").write_text('{% import "components.html" as ui with context %}' + text)
        return Templates(tmp_path).render("demo/piece.html", language, surroundings(**context))

    return rendered


TEMPLATES = pages.SHARED / "templates"
# A file there is a family of components, but for the frame of one specimen.
FAMILIES = tuple(sorted({path.stem for path in (TEMPLATES / "design").glob("*.html")} - {"specimen"}))


def shell(tmp_path: Path, language: str = "fr", part: str = "forms", **context: Any) -> str:
    """A page of the design system, for what every page has."""
    design = {"part": part, "families": FAMILIES, "path": f"/design/{part}"}
    return Templates(tmp_path).render("design.html", language, surroundings(**design | context))


class Elements(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.found if name in attrs]


@pytest.fixture(params=[(part, who) for part in FAMILIES for who in ("signed in", "signed out")], ids=" ".join)
def showcase(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    part, who = request.param
    if who == "signed out":
        return shell(tmp_path, part=part)
    return shell(tmp_path, part=part, identity=MEMBER, unread=4, flash=[("ok", "Proposition envoyée")], theme="dark")


def test_every_component_is_shown_in_the_design_system(tmp_path: Path) -> None:
    """INVARIANT: a new macro of components.html has its specimen, under its name, in light and in dark."""
    macros = re.findall(r"\{%- macro ([a-z]\w+)\(", (TEMPLATES / "components.html").read_text())
    assert len(macros) > 30
    shown = "".join(shell(tmp_path, part=part) for part in FAMILIES)
    sources = "".join((TEMPLATES / "design" / f"{part}.html").read_text() for part in FAMILIES)
    assert [name for name in macros if len(re.findall(rf"<h3[^>]*>{name}</h3>", shown)) != 2] == []
    assert [name for name in macros if f"ui.{name}(" not in sources] == []


def test_the_page_of_the_design_system_leads_to_every_family() -> None:
    assert set(FAMILIES) == set(about.FAMILIES)


def test_a_page_holds_nothing_the_security_policy_refuses(showcase: str) -> None:
    for tag, attrs in Elements(showcase).found:
        assert tag != "style"
        assert not [name for name in attrs if name == "style" or re.match(r"on[a-z]", name) or name.startswith("hx-on")]
        assert tag != "script" or attrs["src"].startswith("/static/")


def test_every_id_is_unique_and_every_reference_leads_somewhere(showcase: str) -> None:
    page = Elements(showcase)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    references = " ".join(page.values("aria-describedby") + page.values("aria-labelledby") + page.values("for")).split()
    anchors = [href[1:] for href in page.values("href") if href.startswith("#") and len(href) > 1]
    assert set(references + anchors + page.values("list")) <= set(ids)


def test_every_field_has_a_label(showcase: str) -> None:
    page = Elements(showcase)
    labelled = set(page.values("for"))
    kinds = {"hidden", "checkbox", "radio", "submit"}
    fields = [attrs for tag, attrs in page.found if tag in ("input", "select", "textarea")]
    for attrs in (attrs for attrs in fields if attrs.get("type") not in kinds):
        assert attrs["id"] in labelled


@is_built
def test_every_icon_of_a_page_is_in_the_sprite(showcase: str) -> None:
    uses = [attrs["href"] for tag, attrs in Elements(showcase).found if tag == "use"]
    sprite = (BUILT / Path(uses[0].split("#")[0]).name).read_text()
    assert not [use for use in uses if f'id="{use.split("#")[1]}"' not in sprite]


def test_without_built_assets_the_page_stands_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "asset_url", lambda _: "")
    page = shell(tmp_path)
    assert "npm run build" in page
    assert 'rel="stylesheet"' not in page
    assert "<script" not in page


@is_built
def test_with_built_assets_nothing_is_said(showcase: str) -> None:
    assert "npm run build" not in showcase
    assert 'rel="stylesheet"' in showcase


def test_a_visitor_has_no_live_connection_and_no_bell(tmp_path: Path) -> None:
    page = shell(tmp_path)
    assert "data-live=" not in page
    assert "data-bell" not in page


def test_a_member_has_the_bell_its_count_and_a_sign_out_form(tmp_path: Path) -> None:
    page = shell(tmp_path, identity=MEMBER, unread=120)
    assert 'aria-label="Notifications, 120 nouvelles"' in page
    assert ">99+<" in page
    assert re.search(r'<form method="post" action="/session/end"><input type="hidden" name="csrf"', page)


def test_htmx_requests_carry_the_csrf_token(tmp_path: Path) -> None:
    assert """hx-headers:inherited='{"x-csrf-token": "token"}'""" in shell(tmp_path)


@pytest.mark.parametrize(("cookie", "rendered"), [("dark", ' data-theme="dark"'), ('"><script>', ""), (None, "")])
def test_only_a_known_theme_is_rendered(tmp_path: Path, cookie: str | None, rendered: str) -> None:
    assert f'<html lang="fr"{rendered}>' in shell(tmp_path, theme=cookie)


def test_each_page_names_itself_in_the_other_language(tmp_path: Path) -> None:
    french = shell(tmp_path, path="/needs")
    assert '<link rel="alternate" hreflang="en" href="/en/needs">' in french
    assert 'href="/en/needs" lang="en"' in french
    assert 'href="/needs" lang="fr"' in shell(tmp_path, "en", path="/needs")


@pytest.mark.parametrize(
    ("value", "word"),
    [(80, "excellent"), (79.4, "bon"), (60, "bon"), (59, "possible"), (20, "possible"), (19, "piste")],
)
def test_a_score_says_its_word(render: Any, value: float, word: str) -> None:
    assert f"<span>{word}</span>" in render("{{ ui.score(value) }}", value=value)


def test_a_score_of_92_fills_four_bricks_and_six_tenths(render: Any) -> None:
    widths = re.findall(r'class="f-on" x="\d+" width="([\d.]+)"', render("{{ ui.score(92) }}"))
    assert widths == ["16", "16", "16", "16", "9.6"]


def test_every_brick_that_can_be_laid_has_its_colour() -> None:
    bricks = re.search(r"bricks: \[(.*?)\]", (TEMPLATES / "components.html").read_text())
    styles = (pages.SHARED / "frontend" / "styles" / "parts.css").read_text()
    assert bricks
    assert [brick for brick in re.findall(r"\w+", bricks[1]) if f".k-{brick} " not in styles] == []


def test_what_people_wrote_is_escaped(render: Any) -> None:
    bad = '<img src=x onerror="alert(1)">'
    piece = """{{ ui.badge(bad) }}{{ ui.why([("tag", bad)]) }}{{ ui.field("a", bad, value=bad, error=bad) }}
    {{ ui.facts([(bad, bad, bad)]) }}{{ ui.table(bad, [(bad, "")], [(bad,)]) }}{{ ui.button(bad, href=bad) }}"""
    assert "<img" not in render(piece, bad=bad)


def test_a_table_keeps_the_parts_its_cells_hold(render: Any) -> None:
    page = render('{{ ui.table("T", [("Objet", ""), ("État", "")], [("Lot", ui.badge("Vue", "info"))]) }}')
    assert '<td data-label="État"><span class="bdg bdg-info">Vue</span></td>' in page


def test_an_error_is_said_in_the_summary_and_at_its_field(render: Any) -> None:
    form = SimpleNamespace(typed={"title": "x"}, errors={"title": "Trop court.", "": "Fermé depuis hier."})
    page = render('{{ ui.error_summary(form.errors) }}{{ ui.field("title", "Titre", form=form) }}', form=form)
    assert "2 points à corriger" in page
    assert '<a href="#title">Titre\u00a0: Trop court.</a>' in page
    assert "<li>Fermé depuis hier.</li>" in page
    assert 'value="x" aria-describedby="title-error" aria-invalid="true"' in page


def test_no_error_makes_no_summary(render: Any) -> None:
    assert "errsum" not in render("{{ ui.error_summary({}) }}")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("select", "b", '<option value="b" selected>'),
        ("radios", "b", 'id="x-2" value="b" checked>'),
        ("checkboxes", ["b"], 'id="x-2" value="b" checked>'),
        ("textarea", "b\nc", 'name="x">\nb\nc</textarea>'),
    ],
)
def test_a_field_shows_its_value(render: Any, kind: str, value: object, expected: str) -> None:
    page = render(
        """{{ ui.field("x", "X", kind, value=value, options=[("a", "A"), ("b", "B")]) }}""", kind=kind, value=value
    )
    assert expected in page
    assert page.count("checked") + page.count("selected") == (0 if kind == "textarea" else 1)


def test_a_post_button_carries_the_token_and_asks_first(render: Any) -> None:
    page = render("""{{ ui.post("Retirer", "/x", "danger", fields={"lot": 3}, confirm="Retirer ce lot ?") }}""")
    assert 'name="csrf" value="token"' in page
    assert 'name="lot" value="3"' in page
    assert 'data-confirm="Retirer ce lot\u202f?"' in page


def test_a_button_of_a_list_says_of_which_line_it_is(render: Any) -> None:
    page = render("""{{ ui.post("Retirer", "/x", of="Léa <b>") }}{{ ui.button("Voir", href="/y", of="Léa") }}""")
    assert 'Retirer<span class="sr-only"> Léa &lt;b&gt;</span></button>' in page
    assert 'Voir<span class="sr-only"> Léa</span></a>' in page


def test_a_quantity_bar_fills_its_whole_width(render: Any) -> None:
    page = render(
        """{{ ui.quantity_bar([(3.6, "you", "3,6 t"), (2, "take", "2 t"), (0.4, "free", "0,4 t")], "6 t") }}"""
    )
    assert sum(float(width) for width in re.findall(r'<svg x="[\d.]+%" width="([\d.]+)%"', page)) == pytest.approx(
        100, abs=0.1
    )
    assert "0,4" not in page  # too narrow for its text


def test_a_page_leaves_no_knots_for_the_collector(tmp_path: Path) -> None:
    """INVARIANT: macros hold their templates and these hold them; unless that is undone, every hundredth page waits."""
    templates, design = Templates(tmp_path), {"part": "forms", "families": FAMILIES, "path": "/design/forms"}
    templates.render("design.html", "fr", surroundings(**design))
    gc.collect()
    gc.disable()
    try:
        before = [each for each in gc.get_objects() if isinstance(each, Macro | Context)]
        assert templates.render("design.html", "fr", surroundings(**design))
        after = [each for each in gc.get_objects() if isinstance(each, Macro | Context)]
        assert len(after) == len(before)
    finally:
        gc.enable()
