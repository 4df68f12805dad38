"""An agreement on paper, made from nothing but what it says: an order, a gift, a partnership, a transfer or a loan."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.catalog.agreements.content import Content, Milestone, Party
from services.catalog.agreements.models import Agreement
from services.catalog.agreements.natures import Side
from services.catalog.posting.view import measured_words, period_words
from services.catalog.proposals.view import price_in
from shared.clock import day_of
from shared.events.agreements import Nature
from shared.events.facts import Window
from shared.papers.printing import print_paper
from shared.phrases.dealings import FOCUSES
from shared.phrases.names import named
from shared.web import i18n

TEMPLATE: Final = Path(__file__).parent / "papers" / "agreement.typ"
CATALOG: Final = Path(__file__).parents[1]
LANGUAGES: Final = ("fr", "en")

Say = Callable[[str], str]


@cache
def say_in(language: str) -> Say:
    """A French sentence of this service in a language, where nobody visits."""
    return i18n.translations(language, CATALOG).gettext


async def on_paper(agreement: Agreement, language: str) -> bytes:
    """The PDF of what an agreement says now; the same agreement gives the same bytes."""
    content, say = agreement.content, say_in(language)
    written_on = i18n.full_day(agreement.changed_at, language)
    number, revision = reference_of(agreement), agreement.revision
    said = {
        "language": language,
        "title": f"{kind_of_paper(content, say)} {number}",
        "about": content.title,
        "badges": [say("Révision {number} du {day}").format(number=revision, day=written_on)],
        "parties": [
            _party(content.buyer, role_of(content, Side.BUYER, say), say),
            _party(content.supplier, role_of(content, Side.SUPPLIER, say), say),
            *(_party(each, say("Cotraitant"), say) for each in content.co_contractors),
        ],
        "facts": list(_facts(content, language, say)),
        "lines_title": say("Ce qui est convenu"),
        "heads": [say("Quoi"), say("Quantité"), say("Prix unitaire HT"), say("Total HT")],
        "lines": [
            [
                each.what,
                measured_words(each.quantity, each.unit, language),
                price_in(language, say, each.price_cents),
                price_in(language, say, each.total_cents),
            ]
            for each in content.lines
        ],
        "total": _total(content, language, say),
        "sections": list(_sections(content, language, say)),
        "foot": f"{number}  ·  {say('Révision {number}').format(number=revision)}  ·  {say('Page {page} sur {pages}')}",
    }
    return await print_paper(TEMPLATE, said, at=agreement.changed_at)


def reference_of(agreement: Agreement) -> str:
    """What people call an agreement by on the telephone: the year, and the end of its id."""
    return f"{day_of(agreement.concluded_at).year}-{agreement.id.hex[-8:].upper()}"


def kind_of_paper(content: Content, say: Say) -> str:
    """What the paper is called."""
    partnership = {
        "skills": say("Convention de partenariat de compétences"),
        "csr": say("Convention de partenariat RSE"),
    }
    names = {
        Nature.ORDER: say("Bon de commande"),
        Nature.GIFT: say("Convention de don"),
        Nature.TRANSFER: say("Acte de cession"),
        Nature.LOAN: say("Convention de prêt"),
    }
    return names.get(content.nature) or partnership[content.focus or "csr"]


def role_of(content: Content, side: Side, say: Say) -> str:
    """What a side is called: who hands over, who receives; or who orders, and who does it."""
    gives = {
        Nature.GIFT: (say("Donateur"), say("Bénéficiaire")),
        Nature.TRANSFER: (say("Cédant"), say("Cessionnaire")),
        Nature.LOAN: (say("Prêteur"), say("Emprunteur")),
    }
    if content.nature in gives:
        return gives[content.nature][0 if side is content.given_by else 1]
    if content.nature is Nature.PARTNERSHIP:
        return say("Partenaire")
    return say("Acheteur") if side is Side.BUYER else say("Fournisseur")


def _party(party: Party, role: str, say: Say) -> dict[str, Any]:
    entity = [party.entity_name] if party.entity_name != party.name else []
    numbers = [f"SIREN {party.siren or say('non connu')}", f"SIRET {party.siret or say('non connu')}"]
    return {"role": role, "name": party.name, "lines": [*entity, party.address, *numbers]}


def _total(content: Content, language: str, say: Say) -> tuple[str, str]:
    """Who pays how much: on paper no sign says it."""
    cents = content.total_cents
    if cents == 0:
        return say("Total hors taxes"), say("gratuit")
    payer = content.party(Side.BUYER if cents > 0 else Side.SUPPLIER).name
    return say("Total hors taxes, à payer par {name}").format(name=payer), price_in(language, say, abs(cents))


def _facts(content: Content, language: str, say: Say) -> Iterator[tuple[str, str, None]]:
    when = period_words(Window(starts_on=content.starts_on, ends_on=content.ends_on), language, day=i18n.full_day)
    yield say("Quand"), when or say("non précisé"), None
    yield say("Lieu"), content.place or say("non précisé"), None
    if content.purchase_order:
        yield say("Numéro de commande de l'acheteur"), content.purchase_order, None
    if content.focus:
        yield say("Objet"), named(FOCUSES, content.focus, language), None


def _sections(content: Content, language: str, say: Say) -> Iterator[dict[str, Any]]:
    """What the nature asks for, then what is common to all."""
    if content.provenance:
        yield {
            "title": say("Provenance"),
            "words": content.provenance,
            "note": say("Déclarée par les parties, à vérifier."),
        }
    if content.milestones:
        yield {
            "title": say("Étapes"),
            "lines": [_milestone(each, language, say) for each in content.milestones],
        }
    if content.terms:
        yield {"title": say("Conditions particulières"), "words": content.terms}
    yield {"title": say("À vérifier"), "lines": list(_to_check(content, say))}
    yield {
        "title": say("Signatures"),
        "words": say(
            "Les deux parties signent ce document sur Boucle, par un acte de l'un de leurs membres. L'accord en garde "
            "le nom, la date et l'empreinte SHA-256 du document signé ; sa page les montre."
        ),
    }


def _milestone(milestone: Milestone, language: str, say: Say) -> str:
    day = i18n.full_day(milestone.due_on, language) if milestone.due_on else ""
    amount = say("{money} HT").format(money=i18n.money(milestone.cents, "EUR", language)) if milestone.cents else ""
    more = ", ".join(filter(None, (day, amount)))
    return f"{milestone.label} ({more})" if more else milestone.label


def _to_check(content: Content, say: Say) -> Iterator[str]:
    match content.nature:
        case Nature.ORDER:
            yield say("Prix hors taxes. La TVA applicable est à vérifier.")
        case Nature.GIFT:
            yield say("Le donateur seul estime la valeur d'un don en nature. À vérifier.")
            yield say("Un reçu fiscal suppose l'éligibilité du bénéficiaire (CGI, art. 238 bis). À vérifier.")
        case Nature.PARTNERSHIP:
            yield say("La nature fiscale de ce qui est apporté est à vérifier.")
        case Nature.TRANSFER:
            yield say("Le statut des matières, produit ou déchet, et les autorisations qu'il demande sont à vérifier.")
        case Nature.LOAN:
            yield say(
                "L'emprunteur rend ce qui est prêté à la date convenue (Code civil, art. 1875 et suivants). À vérifier."
            )
            yield say("L'assurance de ce qui est prêté est à vérifier.")
