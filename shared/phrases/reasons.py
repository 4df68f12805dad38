"""Says why a match is one: an icon and one short line per reason, to its author or to its supplier."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from shared.events.reasons import Feature, Reason
from shared.phrases.names import LEVELS, SERVICE_TYPES, named, short_supplier_kind
from shared.phrases.voice import To, Values, Voice

INTEGRATION = frozenset({"EI", "ACI", "AI", "ETTI", "EITI", "GEIQ"})
DISABILITY = frozenset({"ESAT", "EA", "EATT"})
RECENT_DAYS = 60


def say_reason(reason: Reason, language: str = "fr", *, to: To = "author") -> tuple[str, str]:
    """(icon, sentence): « À 6 km : dans votre rayon de 30 km »."""
    icon, sentence = SENTENCES[reason.feature]
    return icon, sentence(reason.values, Voice(language, to))


def _category(values: Values, voice: Voice) -> str:
    if values["same"]:
        name = voice.category(values["supply"])
        return voice.say(f"Même catégorie : {name}", f"Same category: {name}")
    name = voice.category(values["supply" if voice.to == "author" else "demand"])
    return voice.say(f"Catégorie proche : {name}", f"Close category: {name}")


def _code(values: Values, voice: Voice) -> str:
    waste = values["scheme"] == "ewc"
    code = voice.waste_code(values["code"]) if waste else str(values["code"])
    french, english = ("Code déchet", "Waste code") if waste else ("Code CPV", "CPV code")
    if values["same"]:
        return voice.say(f"{french} {code}, le même", f"{english} {code}, the same")
    return voice.say(f"{french} de la famille de {code}", f"{english} in the family of {code}")


def _text(values: Values, voice: Voice) -> str:
    return voice.say(f"Mots communs : {values['words']}", f"Words in common: {values['words']}")


def _distance(values: Values, voice: Voice) -> str:
    km = Decimal(str(values["km"]))
    about = bool(values.get("rough"))
    if km < 1:
        near = voice.say("À moins de 1 km", "Less than 1 km away")
    else:
        whole = voice.number(round(km))
        near = voice.say(
            f"À environ {whole} km" if about else f"À {whole} km",
            f"About {whole} km away" if about else f"{whole} km away",
        )
    inside = _inside(values, voice)
    return f"{near}{voice.say(' : ', ', ')}{inside}" if inside else near


def _inside(values: Values, voice: Voice) -> str:
    if "radius_km" in values:
        km = voice.number(values["radius_km"])
        return voice.own(
            (f"dans son rayon de {km} km", f"inside their {km} km"),
            (f"dans votre rayon de {km} km", f"inside your {km} km"),
        )
    if "zone" in values:
        zone = values["zone"]
        return voice.own(
            (f"dans sa zone, {zone}", f"inside their area, {zone}"),
            (f"dans votre zone, {zone}", f"inside your area, {zone}"),
        )
    return ""


def _quantity(values: Values, voice: Voice) -> str:
    asked, possible = voice.quantity(values, "asked"), voice.quantity(values, "possible")
    if values["asked_unit"] == "€":
        return voice.say(f"Don dès {asked} ; il manque {possible}", f"Gift from {asked}; {possible} are lacking")
    return voice.say(f"Demandé : {asked} ; possible : {possible}", f"Asked: {asked}; possible: {possible}")


def _service_type(values: Values, voice: Voice) -> str:
    name = named(SERVICE_TYPES, str(values["type"]), voice.language)
    return voice.say(f"{name}, comme demandé", f"{name}, as asked")


def _level(values: Values, voice: Voice) -> str:
    name = named(LEVELS, str(values["level"]), voice.language).lower()
    return voice.say(f"Débouché : {name}", f"Outcome: {name}")


def _social(values: Values, voice: Voice) -> str:
    code = str(values["kind"])
    short = short_supplier_kind(code, voice.language)
    if code in INTEGRATION:
        return voice.own(
            (f"Emploie des personnes en insertion ({short})", f"Employs people in work integration ({short})"),
            (f"Vous employez des personnes en insertion ({short})", f"You employ people in work integration ({short})"),
        )
    if code in DISABILITY:
        return voice.own(
            (f"Emploie des personnes handicapées ({short})", f"Employs people with disabilities ({short})"),
            (f"Vous employez des personnes handicapées ({short})", f"You employ people with disabilities ({short})"),
        )
    return voice.say(f"Économie sociale : {short}", f"Social economy: {short}")


def _freshness(values: Values, voice: Voice) -> str:
    days = int(str(values["days"]))
    if days < RECENT_DAYS:
        return voice.own(("Activité récente", "Recent offer"), ("Votre activité est récente", "Your offer is recent"))
    months = round(days / 30)
    return voice.say(f"Activité publiée {months} mois avant", f"Offer published {months} months before")


SENTENCES: Mapping[Feature, tuple[str, Callable[[Values, Voice], str]]] = {
    Feature.CATEGORY: ("tag", _category),
    Feature.CODE: ("search-check", _code),
    Feature.TEXT: ("file-text", _text),
    Feature.DISTANCE: ("map-pin", _distance),
    Feature.QUANTITY: ("weight", _quantity),
    Feature.SERVICE_TYPE: ("briefcase", _service_type),
    Feature.LEVEL: ("recycle", _level),
    Feature.SOCIAL: ("users", _social),
    Feature.FRESHNESS: ("clock", _freshness),
}

FEATURE_NAMES: Mapping[Feature, tuple[str, str]] = {
    Feature.CATEGORY: ("Catégorie proche", "Close category"),
    Feature.CODE: ("Code officiel commun", "Shared official code"),
    Feature.TEXT: ("Mots communs", "Words in common"),
    Feature.DISTANCE: ("Distance", "Distance"),
    Feature.QUANTITY: ("Quantité possible", "Quantity that is possible"),
    Feature.SERVICE_TYPE: ("Type de prestation", "Type of service"),
    Feature.LEVEL: ("Hiérarchie du réemploi et des déchets", "Reuse and waste hierarchy"),
    Feature.SOCIAL: ("Valeur sociale", "Social value"),
    Feature.FRESHNESS: ("Activité récente", "Recent offer"),
}

FEATURE_MEANINGS: Mapping[Feature, tuple[str, str]] = {
    Feature.CATEGORY: (
        "La même catégorie compte entièrement, une catégorie parente ou complémentaire en partie.",
        "The same category counts in full, a parent or complementary one in part.",
    ),
    Feature.CODE: (
        "Plus le début du code déchet ou CPV est commun, plus il compte.",
        "The longer the shared beginning of the waste or CPV code, the more it counts.",
    ),
    Feature.TEXT: (
        "Les mots rares comptent plus que les mots courants, et le titre plus que la description.",
        "Rare words count more than common ones, and the title more than the description.",
    ),
    Feature.DISTANCE: (
        "À vol d'oiseau : deux tiers des points à 16 km, un tiers à 40 km. Jamais notée pour un marché public.",
        "As the crow flies: two thirds of the points at 16 km, a third at 40 km. Never scored for a public tender.",
    ),
    Feature.QUANTITY: (
        "La part de la quantité demandée que la structure peut assurer ; la moitié des points si elle n'en dit rien.",
        "The share of what is asked that the supplier can do; half the points when it does not say.",
    ),
    Feature.SERVICE_TYPE: (
        "Mise à disposition, prestation ou fabrication, quand le besoin le précise.",
        "Staffing, service or making, when the need says which.",
    ),
    Feature.LEVEL: (
        "Pour un gisement : le réemploi d'abord, puis la préparation, le recyclage, la valorisation.",
        "For a material flow: reuse first, then preparing for reuse, recycling, recovery.",
    ),
    Feature.SOCIAL: (
        "L'insertion et le travail adapté d'abord, puis les autres formes de l'économie sociale.",
        "Work integration and adapted work first, then the other forms of the social economy.",
    ),
    Feature.FRESHNESS: (
        "Une activité publiée ou reprise récemment, pour que les nouvelles structures soient vues.",
        "An offer published or renewed recently, so that newcomers are seen.",
    ),
}
