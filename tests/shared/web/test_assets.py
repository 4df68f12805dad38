"""The built files, their manifest, and the lock they come from."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from time import monotonic

import pytest

from shared.web import assets
from shared.web.assets import BUILT, UnknownAsset, asset_url, rare_icon
from tests.shared.web.test_components import FAMILIES, MEMBER, shell

ROOT = Path(__file__).resolve().parents[3]
FRONTEND = ROOT / "shared" / "web" / "frontend"

is_built = pytest.mark.skipif(not (BUILT / "manifest.json").exists(), reason="the front end is not built")
has_modules = pytest.mark.skipif(
    not (ROOT / "node_modules" / "@iconify-json").exists() or not shutil.which("node"), reason="npm ci was not run"
)


def write_manifest(directory: Path, **files: str) -> None:
    (directory / "manifest.json").write_text(json.dumps({name.replace("_", "."): file for name, file in files.items()}))


def test_an_asset_has_its_hashed_address(tmp_path: Path) -> None:
    write_manifest(tmp_path, app_css="app.0123abcd.css")
    assert asset_url("app.css", tmp_path) == "/static/app.0123abcd.css"


def test_nothing_built_gives_no_address(tmp_path: Path) -> None:
    assert asset_url("app.css", tmp_path) == ""


def test_a_misspelt_asset_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, app_css="app.0123abcd.css")
    with pytest.raises(UnknownAsset, match=r"ap\.css"):
        asset_url("ap.css", tmp_path)


def test_a_new_build_is_seen_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_manifest(tmp_path, app_css="app.old.css")
    asset_url("app.css", tmp_path)
    write_manifest(tmp_path, app_css="app.new.css")
    os.utime(tmp_path / "manifest.json", ns=(1, 1))
    later = monotonic() + assets.LOOKED_AT_EVERY_S
    monkeypatch.setattr(assets, "monotonic", lambda: later)
    assert asset_url("app.css", tmp_path) == "/static/app.new.css"


@is_built
def test_every_file_of_the_manifest_is_named_by_its_contents() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    assert {"app.css", "app.js", "theme.js", "icons.svg", "logo.svg"} <= set(manifest)
    for file in manifest.values():
        digest = hashlib.sha256((BUILT / file).read_bytes()).hexdigest()[:10]
        assert f".{digest}." in file


@is_built
def test_the_stylesheet_names_only_files_that_are_there() -> None:
    stylesheet = BUILT / Path(asset_url("app.css")).name
    fonts = re.findall(r"url\(([\w.-]+)\)", stylesheet.read_text())
    assert len(fonts) == 3
    assert all((BUILT / font).exists() for font in fonts)


@is_built
def test_the_face_of_rare_characters_is_asked_for_by_them_alone() -> None:
    """The build writes its range: without one every page would fetch it, with the stylesheet's own mark none."""
    stylesheet = (BUILT / Path(asset_url("app.css")).name).read_text()
    [face] = [face for face in re.findall(r"@font-face\{[^}]*\}", stylesheet) if "atkinson-rare" in face]
    ranges = re.search(r"unicode-range:([^;}]+)", face)
    assert ranges
    bounds = [part.strip()[2:].split("-") for part in ranges[1].split(",")]
    asked = {chr(code) for each in bounds for code in range(int(each[0], 16), int(each[-1], 16) + 1)}
    assert {"ñ", "ä", "§", "#", "Æ"} <= asked
    assert not asked & set("abcxyz ABCXYZ 0123456789 éèêëàâîïôùûüç ÉÀÇ œŒ .,;:!?'’«»…–()/%€@²")


# What a template says, and the script without which it would not work.
SCRIPTS = {
    "data-draft=": "draft.js",
    "posting/codes.html": "filling.js",
    "data-widen": "widen.js",
    "data-passkey": "passkeys.js",
    "data-share": "share.js",
    'class="facets': "search.css",
}


@pytest.mark.parametrize("said", SCRIPTS)
def test_templates_load_the_script_of_what_they_hold(said: str) -> None:
    """INVARIANT: what is not in app.js is loaded by the page itself, or by the one that holds its part."""
    templates = [path.read_text() for path in (ROOT / "services").rglob("*.html")]
    of_pages = [text for text in templates if said in text and "{% extends" in text]
    assert any(said in text for text in templates)
    assert [text[:80] for text in of_pages if SCRIPTS[said] not in text] == []
    assert any(SCRIPTS[said] in text for text in templates)


BUDGET = 60_000  # of a whole page: itself, its styles, scripts, fonts, icons and logo
SHARED = 52_000  # of what is the same on every page, so that a page has 8 kB for itself
OF_A_MAP = {"map.js", "map.css", "maplibre.js", "maplibre-worker.js"}
ON_SOME_PAGES = set(SCRIPTS.values()) | {"choices.css", "curve.css", "wall.css"}
OF_PAPERS = {"paper-text.ttf", "paper-strong.ttf", "paper-heading.ttf"}
ON_DEMAND = {"atkinson-rare.woff2", "rare-icons.json"} | ON_SOME_PAGES | OF_A_MAP | OF_PAPERS


def as_sent(content: bytes) -> int:
    """The weight of a page as the services send it: `gzip_compress_level` of shared.web.application."""
    return len(gzip.compress(content, 5))


def fetched(file: Path) -> int:
    """The weight of a built file as the services send it."""
    packed = file.with_name(f"{file.name}.gz")
    return (packed if packed.exists() else file).stat().st_size


def shared_weight() -> int:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    assert set(manifest) >= ON_DEMAND
    return sum(fetched(BUILT / file) for name, file in manifest.items() if name not in ON_DEMAND)


@is_built
def test_what_every_page_loads_leaves_room_for_the_page() -> None:
    """Measured: 48.8 kB, of which fonts 19.9, htmx and our scripts 15.4, styles 10.4, icons and logo 3.1."""
    assert shared_weight() < SHARED


@is_built
@pytest.mark.parametrize("part", FAMILIES)
def test_a_whole_page_is_under_its_budget(tmp_path: Path, part: str) -> None:
    """The design system, a dozen components twice; tests/browser weighs every page as a browser gets it."""
    page = shell(tmp_path, part=part, identity=MEMBER, unread=4, flash=[("ok", "Proposition envoyée")])
    assert as_sent(page.encode()) + shared_weight() < BUDGET


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert not [name for name, package in packages.items() if "resolved" in package]
    fetched = {name: package for name, package in packages.items() if not package.get("inBundle")}
    assert not [name for name, package in fetched.items() if "integrity" not in package]


def test_the_lock_lists_every_platform() -> None:
    """A lock written on one system may leave out the others' optional packages; `npm ci` then fails there."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}
    assert wanted
    assert not [name for name in wanted if f"node_modules/{name}" not in packages]


def draw_icons(root: Path) -> subprocess.CompletedProcess[str]:
    program = f"import {{ iconSprite }} from {json.dumps((FRONTEND / 'icons.mjs').as_uri())};"
    program += f"console.log(JSON.stringify(await iconSprite({json.dumps(str(root))})));"
    command = ["node", "--input-type=module", "-e", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def drawn(root: Path) -> tuple[list[str], list[str]]:
    """The names in the sprite, and those of rare icons."""
    icons = json.loads(draw_icons(root).stdout)
    return sorted(re.findall(r'<symbol id="([\w-]+)"', icons["sprite"])), sorted(json.loads(icons["rare"]))


def source(root: Path, name: str, text: str) -> None:
    path = root / "services" / "demo" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@has_modules
def test_the_sprite_holds_what_templates_and_code_name(tmp_path: Path) -> None:
    source(tmp_path, "page.html", """{{ ui.badge("Vue", "ok", icon="eye") }}{{ ui.why([("truck", "À 6 km")]) }}""")
    source(tmp_path, "reasons.py", 'REASONS = [("leaf", "local")]\nicon: str = "tag"\nDONE = "circle-check"\n')
    assert drawn(tmp_path) == ([], ["circle-check", "eye", "leaf", "tag", "truck"])


@has_modules
def test_what_many_pages_name_is_in_the_sprite_and_pages_carry_the_rest(tmp_path: Path) -> None:
    for name in ("one.html", "two.html", "three.html", "four.html", "five.html", "six.html"):
        source(tmp_path, name, '{{ icon("truck") }}')
    source(tmp_path, "seven.html", '{{ icon("leaf") }}')
    assert drawn(tmp_path) == (["truck"], ["leaf"])


@is_built
def test_a_page_carries_the_drawing_of_an_icon_that_few_pages_use() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    drawings = json.loads((BUILT / manifest["rare-icons.json"]).read_text())
    sprite = (BUILT / manifest["icons.svg"]).read_text()
    assert [name for name in drawings if f'id="{name}"' in sprite] == []
    name, drawing = next(iter(drawings.items()))
    assert rare_icon(name) == drawing
    assert rare_icon("check") == ""


@has_modules
def test_badges_and_dictionaries_of_python_name_icons(tmp_path: Path) -> None:
    lines = [
        'A = {1: ("ruler", say), 2: ("ban", say)}',
        'B = ("Prévu", "neutral", "calendar")',
        'C = [("leaf", 1), ("tag", 2)]',
    ]
    source(tmp_path, "view.py", "\n".join(lines))
    assert drawn(tmp_path) == ([], ["ban", "calendar", "leaf", "ruler", "tag"])


@has_modules
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("columns.py", 'sa.Column("siren", sa.String())'),
        ("units.py", '_unit("m3", ("volume", "1"), "m³")'),
        ("tables.py", 'NAMES = {"database", "inbox"}\nsession.info["clock"]'),
        ("page.html", '<section class="sheet" id="inbox"><input type="file">'),
        ("compared.html", '{% if origin == "import" %}{{ attrs({"rows": 3}) }}{% endif %}'),
        ("said.html", '{#- ui.icon("truck") would be ("tag", text) here -#}'),
    ],
)
def test_words_that_only_look_like_icons_weigh_nothing(tmp_path: Path, name: str, text: str) -> None:
    source(tmp_path, name, text)
    result = draw_icons(tmp_path)
    assert result.returncode == 0, result.stderr
    assert drawn(tmp_path) == ([], [])


@has_modules
def test_an_unknown_icon_stops_the_build_and_is_named(tmp_path: Path) -> None:
    source(tmp_path, "page.html", '{{ icon("trukc") }}')
    result = draw_icons(tmp_path)
    assert result.returncode != 0
    assert "trukc" in result.stderr
    assert "page.html" in result.stderr
