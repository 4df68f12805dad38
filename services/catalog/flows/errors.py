"""What may be refused about a flow or a lot."""

from shared.refusal import Refusal


class FlowUnknown(Refusal):
    """No such flow, or not one this organisation may see."""

    status = 404
    sentence = "Ce gisement n'existe pas, ou plus."


class LotUnknown(Refusal):
    """No such lot, or not one this organisation may change."""

    status = 404
    sentence = "Ce lot n'existe pas, ou plus."


class FlowAlreadyPublished(Refusal):
    """Published once already."""

    sentence = "Ce gisement est déjà publié."


class FlowNotPublished(Refusal):
    """Only a published flow pauses."""

    sentence = "Ce gisement n'est pas publié : il n'y a rien à mettre en pause."


class FlowNotPaused(Refusal):
    """Only a paused flow resumes."""

    sentence = "Ce gisement n'est pas en pause."


class FlowEnded(Refusal):
    """Ended for good."""

    sentence = "Ce gisement est terminé. Créez-en un nouveau pour proposer la suite."


class FlowWithoutTitle(Refusal):
    """A flow says what it is."""

    status = 422
    field = "title"
    sentence = "Dites en une ligne ce que vous proposez."


class FlowWithoutPlace(Refusal):
    """Somebody comes to take it."""

    status = 422
    field = "place"
    sentence = "Indiquez où la matière est à prendre."


class FlowWithoutCategory(Refusal):
    """Nothing to match on."""

    status = 422
    field = "categories"
    sentence = "Choisissez au moins une catégorie : c'est elle qui trouve les bons preneurs."


class FlowWithoutQuantity(Refusal):
    """A lot has a quantity."""

    status = 422
    field = "quantity_value"
    sentence = "Donnez la quantité et son unité, même estimées : chaque lot en est une part."


class FlowWithoutLegalStatus(Refusal):
    """The law asks what it is."""

    status = 422
    field = "legal_status"
    sentence = "Choisissez le statut légal : il décide de qui peut prendre la matière, et avec quels papiers."


class WasteWithoutCode(Refusal):
    """Waste carries a code of the European list."""

    status = 422
    field = "ewc"
    sentence = (
        "Un déchet porte un code de la liste européenne des déchets (décision 2000/532/CE, article R. 541-7 du code "
        "de l'environnement). Ajoutez-le, par exemple 15 01 03 pour des palettes."
    )


class MinimumAboveQuantity(Refusal):
    """Nobody could take that much."""

    status = 422
    field = "minimum_value"
    sentence = "La part minimale dépasse la quantité."


class GiftWithPrice(Refusal):
    """A purchase is never a gift: a receipt goes with something given."""

    status = 422
    field = "receipt_wanted"
    sentence = (
        "Un reçu fiscal accompagne un don, sans contrepartie (article 238 bis du code général des impôts). "
        "Choisissez « Gratuit », ou n'attendez pas de reçu."
    )


class PriceMissing(Refusal):
    """Somebody pays, and nobody knows how much."""

    status = 422
    field = "price_euros"
    sentence = "Indiquez le prix, ou choisissez « Gratuit »."


class FlowEndsBeforeItStarts(Refusal):
    """The season is upside down."""

    status = 422
    field = "ends_on"
    sentence = "La fin vient avant le début."


class KitchenWasteForAnimals(Refusal):
    """Kitchen waste spreads disease (regulation (EC) 1069/2009, art. 11)."""

    status = 422
    field = "levels"
    sentence = (
        "À vérifier : l'alimentation d'animaux d'élevage avec des déchets de cuisine ou de table est interdite "
        "(règlement (CE) n° 1069/2009, article 11, paragraphe 1, b), et la catégorie ou le code déchet dit que c'en "
        "sont. Décochez l'alimentation animale, ou corrigez la catégorie et le code."
    )


class WasteForPeople(Refusal):
    """What is discarded is no food any more (directive 2008/98/EC, art. 3, 4a; regulation (EC) 178/2002, art. 14)."""

    status = 422
    field = "levels"
    sentence = (
        "À vérifier : une denrée qui a le statut légal de déchet ne nourrit plus personne (directive 2008/98/CE, "
        "article 3, point 4 bis ; règlement (CE) n° 178/2002, article 14). Décochez cet usage ; ou, si vous ne vous en "
        "défaites pas, corrigez le statut légal."
    )


class UseByBeforeLot(Refusal):
    """A date that is over before anybody may come."""

    status = 422
    field = "use_by_on"
    sentence = "Cette date limite passe avant le jour du lot, le {day} : corrigez-la."


class NotEatenByAnimals(Refusal):
    """Wood feeds nobody."""

    status = 422
    field = "levels"
    sentence = (
        "L'alimentation animale va avec une denrée ou un reste végétal. Décochez-la, ou ajoutez la catégorie qui dit "
        "ce que c'est."
    )


class FlowOver(Refusal):
    """No date is left to come."""

    status = 422
    field = "ends_on"
    sentence = "Aucune date n'est à venir avec ce rythme et cette période. Repoussez la fin, ou changez le rythme."


class PickupUpsideDown(Refusal):
    """The slot ends before it begins."""

    status = 422
    field = "pickup_until"
    sentence = "L'enlèvement finit avant de commencer."


class RuleNotUnderstood(Refusal):
    """Not an RFC 5545 rule, or one that makes more than one lot a day."""

    status = 422
    field = "recurrence"
    sentence = (
        "Cette règle n'est pas comprise. Écrivez une règle RRULE (RFC 5545) par jours, par exemple "
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH."
    )


class LotNotReleased(Refusal):
    """Only a released lot, of which something is left, changes."""

    sentence = "Ce lot n'est plus modifiable : il n'est pas encore ouvert, ou il est déjà pris ou passé."


class LotPromised(Refusal):
    """Takers count on more than that."""

    status = 422
    field = "quantity_value"
    sentence = (
        "Des preneurs comptent déjà sur {promised} {unit} de ce lot : gardez au moins autant, ou annulez d'abord un "
        "enlèvement."
    )


class LotNotOpen(Refusal):
    """Nothing of it may be taken: not open yet, all taken, or over."""

    sentence = "Ce lot n'est plus à prendre : il est entièrement pris, ou passé. Les suivants sont sur le gisement."


class NotSoMuchLeft(Refusal):
    """Somebody was faster, or keeps a part."""

    field = "quantity_value"
    sentence = (
        "Il n'en reste plus autant : quelqu'un a été plus rapide. Ce qui reste est indiqué ci-dessus, et votre saisie "
        "est gardée."
    )


class FlowNotSubmitted(Refusal):
    """Only what waits for its check is accepted or sent back."""

    sentence = "Ce gisement n'attend pas de vérification."


class RangeUpsideDown(Refusal):
    """A range has its larger end last."""

    status = 422
    field = "quantity_most"
    sentence = "Le haut de la fourchette est au moins la quantité : échangez les deux nombres."


class SchemeWithoutConvention(Refusal):
    """Goods under a producers' scheme are given away under a convention with it (AGEC, article 57: to be checked)."""

    status = 422
    field = "epr_convention"
    sentence = "Dites au titre de quelle convention avec l'éco-organisme : son nom ou sa référence suffit."


class CallOffOfOneLot(Refusal):
    """An extra lot is besides a rule."""

    sentence = "Ce gisement n'a qu'un lot : corrigez sa quantité, ou publiez-en un autre."


class CallOffWhilePaused(Refusal):
    """What is paused releases nothing."""

    sentence = "Ce gisement n'est pas publié en ce moment : reprenez-le d'abord."


class CallOffDay(Refusal):
    """A lot that is called off is for now."""

    status = 422
    field = "day_on"
    sentence = "Un lot en plus se prend bientôt : choisissez un jour entre le {first} et le {last}."


class DayHasLot(Refusal):
    """A day of a flow has one lot."""

    status = 422
    field = "day_on"
    sentence = "Ce jour a déjà son lot : corrigez sa quantité, ou choisissez un autre jour."


class NamedFlowUnknown(Refusal):
    """The body names a flow that this organisation does not see."""

    status = 422
    field = "flow_id"
    sentence = "Ce gisement n'existe pas, ou plus."
