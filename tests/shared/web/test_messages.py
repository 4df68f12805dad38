"""Every sentence of the interface has its English, and nothing else has."""

import importlib
import pkgutil
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from deploy.cli.messages import (
    PARTS,
    SHARED,
    Message,
    Part,
    catalogue_of,
    findings,
    messages_of,
    module_messages,
    template_messages,
    update,
)
from shared.refusal import Refusal
from shared.web.forms import Form
from shared.web.i18n import is_past, spelled, translations, typo


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_sentence_has_its_english(part: Part) -> None:
    assert list(findings(part).lines()) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_placeholders_are_the_same_in_both_languages(part: Part) -> None:
    for message in catalogue_of(part):
        if message.id:
            french, english = forms(message.id), forms(message.string)
            assert all(placeholders(each) <= placeholders(french[-1]) for each in english), english
            # A singular may leave its number out: « une personne ».
            assert placeholders(english[-1]) == placeholders(french[-1]), english


def forms(text: object) -> list[str]:
    """Singular and plural of a sentence that counts, else the sentence."""
    return [str(each) for each in text] if isinstance(text, (tuple, list)) else [str(text)]


def placeholders(text: str) -> set[str]:
    """What a sentence fills in, `{name}` and `%(name)s` alike."""
    return set(re.findall(r"\{\w+\}|%\(\w+\)s", text))


def test_every_refusal_is_found() -> None:
    """INVARIANT: the extraction reads sources; a refusal said in a way it does not know would have no English."""
    said = {message.text for part in PARTS for message in messages_of(part)}
    for root in ("services", "shared"):
        for module in pkgutil.walk_packages([root], f"{root}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    refusals = [each for each in all_refusals(Refusal) if each.__module__.startswith(("services", "shared"))]
    assert len(refusals) > 30
    assert [each.__name__ for each in refusals if each.sentence not in said] == []


def all_refusals(kind: type[Refusal]) -> list[type[Refusal]]:
    """The class and everything below it."""
    return [kind, *(each for below in kind.__subclasses__() for each in all_refusals(below))]


PYTHON = """
BADGES = {"a": ("Brouillon", "neutral", "pencil")}
TITLES = {404: "Perdu."}

class Lost(Refusal):
    sentence = (
        "Une phrase "
        "en deux."
    )

def told(request, say, n):
    gettext(request, "Lieu")
    say("Pour").format(km=1)
    redirect(request, "/x", say="Publié." if n else "Gardé.")
    translate(SENTENCES.get("type", "Pas compris."))
    ngettext("un lot", "des lots", n)
    gettext(request, words)
"""


def test_the_conventions_of_modules_are_known(tmp_path: Path) -> None:
    (tmp_path / "view.py").write_text(PYTHON)
    found = {message for message, _ in module_messages(tmp_path / "view.py")}
    singles = ("Brouillon", "Perdu.", "Une phrase en deux.", "Lieu", "Pour", "Publié.", "Gardé.", "Pas compris.")
    assert found == {*map(Message, singles), Message("un lot", "des lots")}


def test_value_errors_are_messages_in_schemas_only(tmp_path: Path) -> None:
    for name in ("schemas.py", "models.py"):
        (tmp_path / name).write_text('raise ValueError("Trop long.")\n')
    assert [message.text for message, _ in module_messages(tmp_path / "schemas.py")] == ["Trop long."]
    assert list(module_messages(tmp_path / "models.py")) == []


def test_templates_are_read_with_their_plurals(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(
        '{{ _("Lieu") | typo }}{{ ngettext("un lot", "%(num)s lots", n) }}{{ _("à %(km)s", km=1) }}'
    )
    found = {message for message, _ in template_messages(tmp_path / "x.html")}
    assert found == {Message("Lieu"), Message("un lot", "%(num)s lots"), Message("à %(km)s")}


def test_what_is_missing_fuzzy_or_obsolete_is_told(tmp_path: Path) -> None:
    part = Part("tiny", tmp_path)
    (tmp_path / "view.py").write_text('say("Lieu")\nsay("Date")\n')
    part.catalogue.parent.mkdir(parents=True)
    part.catalogue.write_text('#, fuzzy\nmsgid "Lieu"\nmsgstr "Place"\n\nmsgid "Prix"\nmsgstr "Price"\n')
    # Paths are told from the project's root.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("deploy.cli.messages.ROOT", tmp_path)
        found = findings(part)
        assert [message.text for message in found.missing] == ["Date"]
        assert (found.fuzzy, found.obsolete) == (["Lieu"], ["Prix"])
        update(part)
        assert not findings(part).obsolete


def test_services_find_the_shells_sentences() -> None:
    shells = {message.text for message in messages_of(SHARED)}
    assert "Publier" in shells
    for part in PARTS[1:]:
        assert "Publier" not in {message.text for message in findings(part).missing}


def test_french_typography_escapes_plain_text_and_keeps_the_tags_of_markup() -> None:
    """INVARIANT: a title somebody wrote is never HTML; a message of ours may be."""
    assert typo("l'un <b> ?") == "l’un &lt;b&gt;\u202f?"
    link = Markup("<a href=\"/x?a=1 ; b\" title=\"l'autre > 'un'\">L'autre : 12 000 km</a>")
    assert typo(link) == ('<a href="/x?a=1 ; b" title="l\'autre > \'un\'">L’autre\u00a0: 12\u202f000\u00a0km</a>')


def test_every_group_of_three_figures_is_spaced() -> None:
    assert typo("1 234 567 €") == "1\u202f234\u202f567\u00a0€"


def test_french_counts_none_as_it_counts_one() -> None:
    french, english = translations("fr"), translations("en")
    assert [french.ngettext("une", "plusieurs", n) for n in (0, 1, 2)] == ["une", "une", "plusieurs"]
    assert french.ungettext("une", "plusieurs", 0) == "une"
    assert [english.ngettext("one", "several", n) for n in (0, 1, 2)] == ["several", "one", "several"]


def test_the_first_of_a_month_is_said_as_in_french() -> None:
    first = date(2026, 12, 1)
    assert spelled(first, "EEEE d MMMM", "fr") == "mardi 1er décembre"
    assert spelled(first, "d MMMM y", "fr") == "1er décembre 2026"
    assert spelled(first, "d MMMM y", "en") == "1 December 2026"
    assert spelled(date(2026, 12, 11), "EEEE d MMMM", "fr") == "vendredi 11 décembre"


def test_a_day_is_past_once_it_has_ended_in_paris() -> None:
    last = date(2026, 12, 1)
    assert not is_past(last, now=datetime(2026, 12, 1, 22, 59, tzinfo=UTC))
    assert is_past(last, now=datetime(2026, 12, 1, 23, 0, tzinfo=UTC))


def test_errors_stand_in_the_order_of_the_page() -> None:
    form: Form[Any] = Form(errors={"password": "a", "other": "b", "roles": "c"})
    assert list(form.errors_in(["roles", "siret", "password"])) == ["roles", "password", "other"]
