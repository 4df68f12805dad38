"""What may be refused about taking a part of a lot, or keeping one."""

from shared.refusal import Refusal


class TakingUnknown(Refusal):
    """No such taking, or one that this organisation neither takes nor gives."""

    status = 404
    sentence = "Cet enlèvement n'existe pas, ou plus."


class NamedLotUnknown(Refusal):
    """The body names a lot that this organisation does not see."""

    status = 422
    field = "lot_id"
    sentence = "Ce lot n'existe pas, ou plus."


class OwnLot(Refusal):
    """Nobody takes from themselves; the same legal entity is the same party."""

    status = 403
    sentence = "Ce lot est celui de votre entité : une autre structure doit le prendre."


class ConfirmBeforeTaking(Refusal):
    """Nobody could write back to an address that has not answered its own letter."""

    status = 403
    sentence = (
        "Confirmez d'abord votre adresse e-mail : ouvrez la lettre qui vous attend, appuyez sur son bouton, "
        "puis prenez ce lot."
    )


class OtherKindsOnly(Refusal):
    """Its holder reserves it for some kinds of organisation."""

    status = 403
    sentence = (
        "Son détenteur le réserve à certaines structures, et la vôtre n'en dit rien. Si elle en est une, dites-le sur "
        "la page de ses statuts, puis revenez."
    )


class LevelNotWanted(Refusal):
    """Its holder gives it for other treatments."""

    status = 422
    field = "level"
    sentence = "Son détenteur ne le cède pas pour ce traitement. Choisissez l'un de ceux qui sont proposés."


class BelowMinimum(Refusal):
    """A part is as large as the holder says, or all that is left."""

    status = 422
    field = "quantity_value"
    sentence = "La part minimale est de {minimum} {unit}. Prenez au moins cela, ou tout ce qui reste."


class NotYourTurn(Refusal):
    """Others go first for a part of the lot's life (code de l'environnement, L. 541-1)."""

    field = "level"
    sentence = (
        "Ce lot vous est ouvert à partir du {opens}, heure de Paris. Jusque-là passent d'abord le réemploi, puis la "
        "préparation à la réutilisation, et l'ESS avant les autres (hiérarchie des modes de traitement, article "
        "L. 541-1 du code de l'environnement). Revenez à ce moment, ou choisissez le traitement que vous en ferez "
        "vraiment."
    )


class FoodTurn(NotYourTurn):
    """Food has its own order (code de l'environnement, L. 541-15-4)."""

    sentence = (
        "Ce lot vous est ouvert à partir du {opens}, heure de Paris. Jusque-là passent d'abord les personnes, puis les "
        "animaux, et l'ESS avant les autres (article L. 541-15-4 du code de l'environnement, à vérifier). Revenez à ce "
        "moment, ou choisissez ce que vous en ferez vraiment."
    )


class NeverForAnimals(Refusal):
    """Kitchen waste spreads disease (regulation (EC) 1069/2009, art. 11)."""

    status = 422
    field = "level"
    sentence = (
        "À vérifier : ce sont des déchets de cuisine ou de table, et l'alimentation d'animaux d'élevage avec de tels "
        "déchets est interdite (règlement (CE) n° 1069/2009, article 11, paragraphe 1, b). Choisissez un autre usage, "
        "par exemple le compost."
    )


class WasteNotEaten(Refusal):
    """What is discarded is no food any more (directive 2008/98/EC, art. 3, 4a; regulation (EC) 178/2002, art. 14)."""

    status = 422
    field = "level"
    sentence = (
        "À vérifier : cette denrée a le statut légal de déchet, elle ne nourrit plus personne (directive 2008/98/CE, "
        "article 3, point 4 bis ; règlement (CE) n° 178/2002, article 14). Choisissez un autre usage, par exemple le "
        "compost."
    )


class UseByPast(Refusal):
    """Nobody eats it after its date."""

    status = 422
    field = "level"
    sentence = (
        "À vérifier : à ce moment, sa date limite de consommation, le {use_by}, est passée. Choisissez un enlèvement "
        "plus tôt, ou un autre usage."
    )


class TooShortDated(Refusal):
    """Food for people has time left, or a hand that is fast enough (code de l'environnement, D. 541-310)."""

    status = 422
    field = "papers"
    sentence = (
        "À vérifier : il reste {left} h avant sa date limite de consommation, au lieu de {least} h. En dessous, il "
        "faut pouvoir justifier d'une distribution avant cette date (article D. 541-310 du code de l'environnement) : "
        "déclarez-le sur la page de vos statuts, puis revenez ; ou choisissez un enlèvement plus tôt."
    )


class ColdChainMissing(Refusal):
    """Whoever handles food that spoils is known for it (regulation (EC) 852/2004)."""

    status = 422
    field = "papers"
    sentence = (
        "À vérifier : cette denrée se garde au froid, et aucune déclaration d'hygiène alimentaire ni agrément "
        "sanitaire valable n'est déclaré ici (règlement (CE) n° 852/2004, articles 4 à 6). Ajoutez-le au site qui le "
        "détient, dans les sites de votre structure, puis revenez."
    )


class SubscribersFirst(Refusal):
    """It has just opened, or a part was freed: its subscribers are served within seconds."""

    sentence = (
        "Ce lot vient de s'ouvrir ou de se libérer : ses abonnés sont servis d'abord, ce qui prend quelques secondes. "
        "Réessayez dans un instant."
    )


class TransportNotOffered(Refusal):
    """Who may carry it away is the holder's choice."""

    status = 422
    field = "transport"
    sentence = "Ce gisement ne se transporte pas ainsi. Choisissez l'une des façons proposées."


class SlotUpsideDown(Refusal):
    """The slot ends before it begins."""

    status = 422
    field = "slot_until"
    sentence = "Le créneau finit avant de commencer."


class SlotOver(Refusal):
    """Nobody comes yesterday."""

    status = 422
    field = "slot_on"
    sentence = "Ce créneau est passé. Choisissez-en un à venir."


class SlotOutside(Refusal):
    """It is picked up while somebody is there."""

    status = 422
    field = "slot_on"
    sentence = "Ce lot s'enlève du {first} au {last}, entre {opens} et {closes}. Choisissez un créneau là-dedans."


class TreatmentPermitMissing(Refusal):
    """Waste goes to an installation that may have it (code de l'environnement, L. 541-2)."""

    status = 422
    field = "papers"
    sentence = (
        "À vérifier : un déchet se remet à une installation déclarée ou autorisée pour lui (articles L. 541-2 et "
        "L. 541-22 du code de l'environnement), et aucun permis de tri ou de traitement valable n'est déclaré ici. "
        "Ajoutez-le au site qui le détient, dans les sites de votre structure, puis revenez."
    )


class HazardousPermitMissing(Refusal):
    """Codes with a star ask for a permit of their own."""

    status = 422
    field = "papers"
    sentence = (
        "À vérifier : ce déchet est dangereux (code marqué d'une étoile), et aucun permis valable de prise en charge "
        "de déchets dangereux n'est déclaré ici (article L. 541-22 du code de l'environnement). Ajoutez-le au site qui "
        "le détient, dans les sites de votre structure, puis revenez."
    )


class WantedPermitMissing(Refusal):
    """The holder asks for it."""

    status = 422
    field = "papers"
    sentence = (
        "Son détenteur demande un permis que votre structure ne déclare pas, ou plus. La page du gisement dit lequel : "
        "ajoutez-le au site qui le détient, dans les sites de votre structure, puis revenez."
    )


class CarrierReceiptMissing(Refusal):
    """Above a mass, whoever carries waste has declared it (code de l'environnement, R. 541-50)."""

    status = 422
    field = "carrier_receipt"
    sentence = (
        "À vérifier : au-delà de {mass} kg de déchets par chargement, qui les transporte détient un récépissé (article "
        "R. 541-50 du code de l'environnement). Donnez-en la référence, ou déclarez le vôtre dans les sites de votre "
        "structure."
    )


class TrackingSlipMissing(Refusal):
    """Hazardous waste never travels without its slip (code de l'environnement, R. 541-45)."""

    status = 422
    field = "tracking_slip"
    sentence = (
        "À vérifier : un déchet dangereux ne part pas sans son bordereau de suivi (article R. 541-45 du code de "
        "l'environnement). Donnez-en la référence, telle que Trackdéchets l'écrit."
    )


class TooManyHolds(Refusal):
    """A taker keeps few things back at once."""

    sentence = (
        "Votre structure a déjà {most} options ouvertes : prenez ou relâchez-en une avant d'en poser une autre. "
        "Elles sont dans « Mes enlèvements »."
    )


class NotHeld(Refusal):
    """It is no option any more."""

    sentence = "Cette option n'est plus ouverte : elle est prise, relâchée ou passée."


class HoldOver(Refusal):
    """Its time ran out before the timer came by."""

    sentence = "Cette option est passée. S'il reste de ce lot, vous pouvez encore le prendre."


class HolderKeepsLonger(Refusal):
    """Only whose lot it is keeps it longer for somebody."""

    status = 403
    sentence = "Seul le détenteur du lot prolonge une option : écrivez-lui."


class OnlyTheTakerMay(Refusal):
    """An option is its taker's to use or to let go."""

    status = 403
    sentence = "Seule la structure qui a posé cette option la prend ou la relâche."


class NotToCome(Refusal):
    """It is no pick-up to come."""

    sentence = "Cet enlèvement n'est plus à venir : il est annulé, manqué, ou ce n'est encore qu'une option."


class SlotBegun(Refusal):
    """What is called off is called off before."""

    sentence = (
        "Son créneau a commencé : il ne s'annule plus. Si personne ne vient, dites-le manqué quand le créneau est fini."
    )


class SlotNotOver(Refusal):
    """Somebody may still come."""

    sentence = "Son créneau n'est pas fini : quelqu'un peut encore venir."


class CancelReasonMissing(Refusal):
    """The other side organised itself around it."""

    status = 422
    field = "reason"
    sentence = "Choisissez la raison la plus proche : l'autre structure la lira."


class SlotNotBegun(Refusal):
    """Nothing leaves before."""

    sentence = "Son créneau n'a pas commencé : revenez quand c'est enlevé, ou annulez l'enlèvement."


class NobodySaidDone(Refusal):
    """There is no figure to agree with."""

    sentence = "L'autre structure n'a pas encore dit combien est parti : dites d'abord votre chiffre."


class OtherSaysDone(Refusal):
    """One side alone does not undo what the other says."""

    sentence = (
        "L'autre structure dit que c'est enlevé : écrivez-lui. Si c'est une erreur, elle peut dire elle-même que "
        "personne n'est venu ; sinon, dites le chiffre que vous avez."
    )


class FigureCorrected(Refusal):
    """Nobody agrees with a figure that they have not read."""

    sentence = "L'autre structure vient de corriger son chiffre : relisez-le, puis recommencez."


class FigureImplausible(Refusal):
    """So much more than the part that a unit or a comma is wrong; both sides may agree on anything below."""

    status = 422
    field = "value"
    sentence = (
        "C'est plus de {factor} fois la part convenue ({part} {unit}) : écrivez {most} {unit} au plus. Vérifiez "
        "l'unité et la virgule ; si autant est vraiment parti, prenez le reste comme une autre part."
    )
