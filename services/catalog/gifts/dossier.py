"""All that a paper about gifts says, gathered mention by mention from what donor, recipient and coordinator said."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.catalog.eligibility.articles import UNSOLD_VAT, Article, article_of
from services.catalog.gifts.content import GiftForm
from services.catalog.gifts.letters import amount_in_letters
from services.catalog.gifts.mentions import Mention, mentions_of, source_of
from services.catalog.gifts.models import Gift, GiftPaper, GiftProfile
from services.catalog.gifts.worth import WorthLine, worth_of
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.organisations.status import StatusFact
from services.catalog.posting.view import measured_words
from shared.events.gifts import GiftKind, PaperKind
from shared.phrases.gifts import BASES, GIFT_FORMS, GIFT_NATURES, MEANS
from shared.phrases.names import TAX_RECEIPTS
from shared.web import i18n

# Papers are French: the form, its mentions and who reads them are.
LANGUAGE = "fr"
FACTS = {PaperKind.RECEIPT: TAX_RECEIPTS, PaperKind.UNSOLD: UNSOLD_VAT}
DECLARATIONS = {
    PaperKind.RECEIPT: (
        "certifie sur l'honneur que les dons et versements qu'il reçoit ouvrent droit à la réduction d'impôt prévue à "
        "l'article 238 bis du code général des impôts, et reconnaît avoir reçu ce qui est décrit ci-dessus."
    ),
    PaperKind.UNSOLD: "atteste avoir reçu en don les invendus neufs dont l'inventaire figure ci-dessus.",
    PaperKind.RECEPTION: "atteste avoir reçu en don ce qui est décrit ci-dessus. Ce document n'est pas un reçu fiscal.",
}


class Side(NamedTuple):
    """A donor or a recipient with what papers say of it."""

    organisation: Organisation
    profile: GiftProfile | None

    @property
    def name(self) -> str:
        """Its legal person's name."""
        return self.organisation.legal_entity.name

    @property
    def number(self) -> str:
        """Its SIREN, else its RNA number."""
        siren, rna = self.organisation.legal_entity.siren, self.profile.rna if self.profile else ""
        return f"SIREN {siren}" if siren else f"RNA {rna}" if rna else ""

    @property
    def address(self) -> str:
        """The whole address that it gave; a commune alone is none."""
        return self.profile.address if self.profile else ""

    @property
    def place(self) -> str:
        """The commune that we know it by."""
        return place_words(self.organisation.place)


class Signing(NamedTuple):
    """Who signs, as what, on which day, under which number; empty on what is only shown beforehand."""

    form: GiftForm = GiftForm.PRIVATE
    signatory: str = ""
    capacity: str = ""
    on: date | None = None
    reference: str = ""
    replaces: GiftPaper | None = None


class Dossier(NamedTuple):
    """What a paper is about: gifts of one kind between two, and the most that counts for one person's time."""

    paper: PaperKind
    gifts: Sequence[Gift]
    donor: Side
    recipient: Side
    ceiling_cents: int

    @property
    def kind(self) -> GiftKind:
        """What is given."""
        return self.gifts[0].kind

    @property
    def fact(self) -> StatusFact | None:
        """What the recipient declared for this paper."""
        code = FACTS.get(self.paper)
        return self.recipient.organisation.legal_entity.fact(code) if code else None

    @property
    def article(self) -> Article | None:
        """What that rests on."""
        fact = self.fact
        return article_of(fact.code, fact.article) if fact else None

    @property
    def given_on(self) -> date | None:
        """The day of the gift, of several that of the last."""
        return max((each.delivered_on for each in self.gifts if each.delivered_on and each.is_counted), default=None)

    @property
    def value_cents(self) -> int | None:
        """What they come to; None while one is not valued."""
        values = [each.value_cents(self.ceiling_cents) for each in self.gifts]
        return None if None in values else sum(each or 0 for each in values)

    def worth(self) -> list[WorthLine]:
        """Line by line."""
        return [
            line
            for each in self.gifts
            for line in worth_of(each.kind, each.lines, each.valuation, each.delivery, ceiling_cents=self.ceiling_cents)
        ]

    def missing(self, said: dict[str, str]) -> list[Mention]:
        """The mentions that are empty and may not be."""
        return [each for each in self.mentions() if not said[each.code] and not self._may_lack(each)]

    def mentions(self) -> list[Mention]:
        """Those of this paper."""
        return mentions_of(self.paper, self.kind)

    def _may_lack(self, mention: Mention) -> bool:
        if mention.code == "recipient_decree":
            return self.article is None or not self.article.needs_decision
        return self.paper in mention.may_lack

    def said(self, signing: Signing) -> dict[str, str]:
        """Each mention in words, by its code; empty where nothing was said."""
        article, source = self.article, source_of(self.paper).name(LANGUAGE)
        said = {
            "number": signing.reference,
            "replaces": _replaced(signing.replaces),
            **self._sides(),
            "recipient_category": f"{article.name(LANGUAGE)} ({article.article})" if article else "",
            "recipient_decree": _decided(self.fact),
            "form": GIFT_FORMS[signing.form][0],
            "nature": GIFT_NATURES[self.kind][0],
            **self._given(),
            "declaration": f"{self.recipient.name} {DECLARATIONS[self.paper]}",
            "signed_on": i18n.full_day(signing.on, LANGUAGE) if signing.on else "",
            "signatory": f"{signing.signatory}, {signing.capacity}" if signing.signatory else "",
            "articles": source,
        }
        return {each.code: said[each.code] for each in self.mentions()}

    def _sides(self) -> dict[str, str]:
        donor, recipient = self.donor, self.recipient
        return {
            "recipient_name": recipient.name,
            "recipient_number": recipient.number,
            "recipient_address": recipient.address,
            "recipient_purpose": recipient.profile.purpose if recipient.profile else "",
            "donor_name": donor.name,
            "donor_form": donor.profile.legal_form if donor.profile else "",
            "donor_number": donor.number,
            "donor_address": donor.address,
        }

    def _given(self) -> dict[str, str]:
        value, gift = self.value_cents, self.gifts[0]
        delivery, valuation = gift.delivery, gift.valuation
        by_donor = "Par le donateur seul" + (f" : {valuation.words}" if valuation and valuation.words else "")
        is_signed = all(each.sheet_signed_at for each in self.gifts)
        days = sorted({each.day for each in delivery.sheet}) if delivery else []
        return {
            "given_on": i18n.full_day(self.given_on, LANGUAGE) if self.given_on else "",
            "means": self._means(),
            "amount": i18n.money(value, "EUR", LANGUAGE) if value and self.given_on else "",
            "letters": amount_in_letters(value) if value and self.given_on else "",
            "lines": "; ".join(map(line_words, self.worth())) if value and self.given_on else "",
            "inventory": self._inventory(),
            "received": self._received(),
            "valued_by": by_donor if valuation else "",
            "sheet": _sheet_words(days) if is_signed and days else "",
        }

    def _means(self) -> str:
        delivery = self.gifts[0].delivery
        if delivery is None or delivery.means is None:
            return ""
        return f"{MEANS[delivery.means][0]}{f', {delivery.reference}' if delivery.reference else ''}"

    def _received(self) -> str:
        if self.given_on is None:
            return ""
        if self.kind is GiftKind.MONEY:
            return i18n.money(self.value_cents or 0, "EUR", LANGUAGE)
        return "; ".join(quantity_words(each) for each in self.worth() if each.quantity)

    def _inventory(self) -> str:
        if any(each.delivered_on is None for each in self.gifts):
            return ""
        return "; ".join(
            f"{i18n.full_day(day, LANGUAGE)} : {what}, {quantity}" for day, what, quantity in self.inventory()
        )

    def inventory(self) -> list[tuple[date, str, str]]:
        """Day, nature and quantity of each line that arrived."""
        return [
            (gift.delivered_on, line.what, measured_words(count, line.unit, LANGUAGE))
            for gift in self.gifts
            if gift.kind is GiftKind.GOODS
            for line, count in zip(gift.lines, gift.delivery.received if gift.delivery else (), strict=True)
            if count and gift.delivered_on
        ]


def quantity_words(line: WorthLine) -> str:
    """« Bureaux, 118 unités »; of a person « A. B., 14 heures »."""
    return f"{line.what}, {measured_words(line.quantity, line.unit, LANGUAGE)}"


def line_words(line: WorthLine) -> str:
    """The same with its value, its basis, and where a ceiling was applied."""
    money = i18n.money(line.cents or 0, "EUR", LANGUAGE)
    basis = f", {BASES[line.basis][0].lower()}" if line.basis else ""
    cap = f" (coût de {i18n.money(line.cost_cents or 0, 'EUR', LANGUAGE)}, plafonné)" if line.is_capped else ""
    return f"{quantity_words(line)}{basis} : {money}{cap}"


def _replaced(paper: GiftPaper | None) -> str:
    return f"Le reçu ou l'attestation n° {paper.reference} : {paper.reason}" if paper else ""


def _decided(fact: StatusFact | None) -> str:
    if fact is None or not fact.decision:
        return ""
    return f"{fact.decision}, {i18n.full_day(fact.decided_on, LANGUAGE)}" if fact.decided_on else fact.decision


def _sheet_words(days: Sequence[date]) -> str:
    first, last = i18n.full_day(days[0], LANGUAGE), i18n.full_day(days[-1], LANGUAGE)
    return (
        f"Signée par les deux parties, pour le {first}"
        if first == last
        else (f"Signée par les deux parties, du {first} au {last}")
    )
