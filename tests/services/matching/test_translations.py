"""Every sentence of matching's pages is there in English, and none is left over."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import services.matching

PACKAGE = Path(services.matching.__file__).parent
WORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def test_no_sentence_lacks_its_english_and_no_english_its_sentence() -> None:
    found = extract_from_dir(
        PACKAGE, method_map=[("**/templates/**.html", "jinja2.ext.babel_extract")], keywords=WORDS, comment_tags=()
    )
    sentences = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}
    with (PACKAGE / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = {
            message.id if isinstance(message.id, str) else message.id[0]: message
            for message in read_po(file)
            if message.id
        }
    assert sentences == set(catalogue)
    for message in catalogue.values():
        assert message.string
        assert not message.fuzzy
        assert all(message.string if isinstance(message.string, tuple) else (message.string,))
