"""Of an answer only what was written is passed on: quotes are cut as mail programs write them, and nothing else is."""

import time

import pytest

from services.catalog.replies.quoting import without_quotes

LETTER = "— Répondez au-dessus de cette ligne —\n\nBonjour Claire,\n\nUn message pour vous\n"


@pytest.mark.parametrize(
    "quote",
    [
        "Le 3 mars 2026, X a écrit :\n\n> cité",
        "Le mar. 3 mars 2026 à 10:00, Boucle <b@exemple.fr> a écrit\N{NO-BREAK SPACE}:\n\n> cité",
        "Le mar. 3 mars 2026 à 10:00, Boucle de l'agglomération <ne-pas-repondre@exemple.fr>\na écrit :\n> cité",
        "Le 03/03/2026 à 10:00, Boucle a écrit :\ncité sans marque",
        "On Tue, Mar 3, 2026 at 10:00 AM Boucle <b@exemple.fr> wrote:\n> quoted",
        "On Tue, Mar 3, 2026 at 10:00 AM Boucle of the metropolitan area\n<b@exemple.fr>\nwrote:\n> quoted",
        "De : Boucle <b@exemple.fr>\nEnvoyé : mardi 3 mars 2026 10:00\nÀ : Claire\nObjet : Un message\n\ncité",
        "*De:* Boucle\n*Date:* 3 mars\n*Objet:* Un message\n\ncité",
        "________________________________\nFrom: Boucle\nSent: Tuesday\nTo: Claire\nSubject: A message\n\nquoted",
        "-----Message d'origine-----\nDe : Boucle\n\ncité",
        "-------- Message original --------\ncité",
        "-----Original Message-----\nquoted",
        LETTER,
        LETTER.replace("— Répondez au-dessus de cette ligne —", "— Answer above this line —"),
        "> " + LETTER.replace("\n", "\n> "),
        "-- \nClaire Vidal\nTraiteur solidaire",
        "Envoyé de mon iPhone",
        "Sent from my iPhone\n\n> On 3 March 2026 X wrote:\n> quoted",
    ],
)
def test_what_is_quoted_is_cut(quote: str) -> None:
    answer = "Oui, dès mardi.\n\nCordialement,\nClaire"
    assert without_quotes(f"{answer}\n\n{quote}\n") == answer
    assert without_quotes(f"{answer}\n\n{quote}\n".replace("\n", "\r\n")) == answer
    assert without_quotes(quote) == ""


def test_between_quoted_lines_and_below_them_one_answers_too() -> None:
    below = "Le 3 mars 2026, X a écrit :\n> Livrez-vous ?\n\nOui.\n\n> Le mardi ?\n\nDès huit heures.\n"
    assert without_quotes(below) == "Oui.\n\nDès huit heures."


@pytest.mark.parametrize(
    "words",
    [
        "Nous prenons :\n- 3 palettes\n- 2 caisses",
        "Le client a écrit :\nil vient mardi.",
        "De : Toulouse\nÀ : Blagnac\nDate : mardi 3 mars",
        "Le 3 mars nous convient : c'est écrit : mardi.",
        "Bonne journée,\nSalutations",
    ],
)
def test_what_only_looks_like_it_stays(words: str) -> None:
    assert without_quotes(words) == words


@pytest.mark.parametrize(
    "text",
    [
        "On 1 " * 40_000,
        ("Le 1 " + "a écrit " * 50 + "\n") * 3000,
        ("De:" + " " * 600 + "\n") * 3000,
        "\n\n" + "_" * 200_000,
        "> " * 100_000,
        ("--" + " Message d'origine" * 10 + "\n") * 3000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    without_quotes(text)
    assert time.perf_counter() - began < 2
