"""Says what stands in the way of a match: the one condition that fails, with its measure."""

from collections.abc import Callable, Mapping

from shared.events.reasons import Constraint, Gap
from shared.phrases.names import NEED_KINDS, PERMITS, named, short_supplier_kind
from shared.phrases.voice import To, Values, Voice


def say_gap(gap: Gap, language: str = "fr", *, to: To = "author") -> tuple[str, str]:
    """(icon, sentence): « Son rayon s'arrête 4 km avant Bessières »."""
    icon, sentence = SENTENCES[gap.constraint]
    return icon, sentence(gap.values, Voice(language, to))


def _kind(values: Values, voice: Voice) -> str:
    asked = str(values["asked"])
    if asked == "flow":
        return voice.own(
            ("Ne prend pas de matière", "Does not take material"),
            ("Votre activité ne prend pas de matière", "Your offer does not take material"),
        )
    name = named(NEED_KINDS, asked, voice.language).lower()
    return voice.own(
        (f"Ne répond pas à ce genre de besoin : {name}", f"Does not serve this kind of need: {name}"),
        (f"Votre activité ne répond pas à ce genre de besoin : {name}", f"Your offer does not serve this kind: {name}"),
    )


def _area(values: Values, voice: Voice) -> str:
    place = values["place"]
    if "km" in values:
        km = voice.number(values["km"])
        return voice.own(
            (f"Son rayon s'arrête {km} km avant {place}", f"Their radius stops {km} km short of {place}"),
            (f"Votre rayon s'arrête {km} km avant {place}", f"Your radius stops {km} km short of {place}"),
        )
    if "zone" in values:
        zone = values["zone"]
        return voice.own(
            (f"Sa zone, {zone}, ne couvre pas {place}", f"Their area, {zone}, does not cover {place}"),
            (f"Votre zone, {zone}, ne couvre pas {place}", f"Your area, {zone}, does not cover {place}"),
        )
    return voice.own(
        ("N'a indiqué aucune zone", "Named no area"),
        ("Vous n'avez indiqué aucune zone", "You have named no area"),
    )


def _radius(values: Values, voice: Voice) -> str:
    distance, km, limit = (voice.number(values[name]) for name in ("distance_km", "km", "radius_km"))
    return voice.own(
        (
            f"À {distance} km : {km} km au-delà de votre rayon de {limit} km",
            f"{distance} km away, {km} km beyond your {limit} km",
        ),
        (
            f"À {distance} km : {km} km au-delà du rayon demandé, {limit} km",
            f"{distance} km away, {km} km beyond the {limit} km asked for",
        ),
    )


def _window(values: Values, voice: Voice) -> str:
    days = int(str(values["days"]))
    french, english = ("jour" if days < 2 else "jours"), ("day" if days == 1 else "days")
    if "opens_on" in values:
        opens, until = voice.day(values["opens_on"]), voice.day(values["wanted_until"])
        return voice.own(
            (
                f"Disponible le {opens} : {days} {french} après la fin voulue, {until}",
                f"Available on {opens}, {days} {english} after your last day, {until}",
            ),
            (
                f"Vous êtes disponible le {opens} : {days} {french} après la fin voulue, {until}",
                f"You are available on {opens}, {days} {english} after the last day, {until}",
            ),
        )
    closed, start = voice.day(values["closed_on"]), voice.day(values["wanted_from"])
    return voice.own(
        (
            f"Disponible jusqu'au {closed} : {days} {french} avant le début voulu, {start}",
            f"Available until {closed}, {days} {english} before your first day, {start}",
        ),
        (
            f"Vous êtes disponible jusqu'au {closed} : {days} {french} avant le début voulu, {start}",
            f"You are available until {closed}, {days} {english} before the first day, {start}",
        ),
    )


def _permit(values: Values, voice: Voice) -> str:
    name = named(PERMITS, str(values["permit"]), voice.language)
    if "expired_on" in values:
        day = voice.day(values["expired_on"])
        return voice.say(f"{name} : échéance passée, {day}", f"{name}: expired on {day}")
    return voice.say(f"Il manque : {name[:1].lower()}{name[1:]}", f"Missing: {name[:1].lower()}{name[1:]}")


def _legal_status(values: Values, voice: Voice) -> str:
    if values["missing"] == "ewc":
        return voice.say("Déchet sans code : il ne peut pas partir", "Waste without a code: it may not leave")
    if values["missing"] == "code":
        code = voice.waste_code(values["code"])
        return voice.own(
            (f"Ne déclare pas prendre le déchet dangereux {code}", f"Does not declare taking hazardous waste {code}"),
            (
                f"Votre activité ne cite pas le déchet dangereux {code}",
                f"Your offer does not name hazardous waste {code}",
            ),
        )
    return _permit(values, voice)


def _eligibility(_values: Values, voice: Voice) -> str:
    return voice.own(
        ("Ne peut pas émettre de reçu fiscal", "May not issue tax receipts"),
        (
            "Vous n'avez pas déclaré pouvoir émettre de reçu fiscal",
            "You have not declared that you may issue tax receipts",
        ),
    )


def _supplier_kind(values: Values, voice: Voice) -> str:
    wanted = ", ".join(short_supplier_kind(code, voice.language) for code in str(values["wanted"]).split(", "))
    return voice.own(
        (f"N'est pas : {wanted}", f"Is not: {wanted}"), (f"Réservé à : {wanted}", f"Reserved for: {wanted}")
    )


def _minimum(values: Values, voice: Voice) -> str:
    least, given = voice.quantity(values, "minimum"), voice.quantity(values, "given")
    if values["whose"] == "supply":
        return voice.own(
            (f"Se déplace à partir de {least} ; vous proposez {given}", f"Comes from {least} up; you offer {given}"),
            (f"Vous vous déplacez à partir de {least} ; ici {given}", f"You come from {least} up; here {given}"),
        )
    return voice.own(
        (f"Prend jusqu'à {given} ; votre minimum est de {least}", f"Takes up to {given}; your minimum is {least}"),
        (f"Vous prenez jusqu'à {given} ; le minimum est de {least}", f"You take up to {given}; the minimum is {least}"),
    )


def _paused(_values: Values, voice: Voice) -> str:
    return voice.own(("Activité en pause", "Offer paused"), ("Votre activité est en pause", "Your offer is paused"))


def _same_entity(_values: Values, voice: Voice) -> str:
    return voice.say("Même entité juridique", "Same legal entity")


def _blocked(_values: Values, voice: Voice) -> str:
    return voice.say("Mise en relation écartée", "Not to be matched")


SENTENCES: Mapping[Constraint, tuple[str, Callable[[Values, Voice], str]]] = {
    Constraint.KIND: ("clipboard-list", _kind),
    Constraint.AREA: ("ruler", _area),
    Constraint.RADIUS: ("ruler", _radius),
    Constraint.WINDOW: ("calendar-x", _window),
    Constraint.PERMIT: ("shield-alert", _permit),
    Constraint.LEGAL_STATUS: ("shield-alert", _legal_status),
    Constraint.ELIGIBILITY: ("file-text", _eligibility),
    Constraint.SUPPLIER_KIND: ("building-2", _supplier_kind),
    Constraint.MINIMUM: ("weight", _minimum),
    Constraint.PAUSED: ("pause", _paused),
    Constraint.SAME_ENTITY: ("building-2", _same_entity),
    Constraint.BLOCKED: ("ban", _blocked),
}

CONSTRAINT_NAMES: Mapping[Constraint, tuple[str, str]] = {
    Constraint.KIND: ("Genre de besoin", "Kind of need"),
    Constraint.AREA: ("Zone d'intervention de la structure", "The supplier's area"),
    Constraint.RADIUS: ("Rayon demandé", "Radius asked for"),
    Constraint.WINDOW: ("Dates", "Dates"),
    Constraint.PERMIT: ("Agréments et assurances", "Permits and insurance"),
    Constraint.LEGAL_STATUS: ("Règles sur les déchets", "Rules on waste"),
    Constraint.ELIGIBILITY: ("Reçu fiscal", "Tax receipt"),
    Constraint.SUPPLIER_KIND: ("Structures visées", "Kinds of supplier"),
    Constraint.MINIMUM: ("Quantité minimale", "Minimum quantity"),
    Constraint.PAUSED: ("Activité en pause", "Offer paused"),
    Constraint.SAME_ENTITY: ("Entité juridique différente", "A different legal entity"),
    Constraint.BLOCKED: ("Mise en relation acceptée", "Contact accepted"),
}
