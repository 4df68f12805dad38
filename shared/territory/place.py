"""Places and areas as they travel in events, and the pure geography on them: distance, coverage, gap, wording."""

import math
import re
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Exactness = Literal["address", "commune", "epci", "department"]
"""What the coordinates stand for: an address, the commune's centre, or only the centre of its EPCI or department."""

_APPROXIMATE: tuple[Exactness, ...] = ("epci", "department")

AreaKind = Literal["commune", "epci", "department", "region", "country"]
Language = Literal["fr", "en"]

COMMUNE_CODE = r"^(\d{2}|2[AB])\d{3}$"
DEPARTMENT_CODE = r"^(\d{2}|2[AB]|9[78]\d)$"
REGION_CODE = r"^(\d{2}|9[78]\d)$"
EPCI_CODE = r"^\d{9}$"
COUNTRY = "FR"
_CODE_PATTERNS: dict[AreaKind, str] = {
    "commune": COMMUNE_CODE,
    "epci": EPCI_CODE,
    "department": DEPARTMENT_CODE,
    "region": REGION_CODE,
    "country": f"^{COUNTRY}$",
}

_WORDINGS: dict[Language, dict[AreaKind, str]] = {
    "fr": {
        "commune": "{name} ({department})",
        "epci": "{name}",
        "department": "{name} ({department})",
        "region": "région {name}",
        "country": "toute la France",
    },
    "en": {
        "commune": "{name} ({department})",
        "epci": "{name}",
        "department": "{name} ({department})",
        "region": "{name} region",
        "country": "all of France",
    },
}

EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Place(BaseModel):
    """One resolved place of France; codes are always right, coordinates are as good as `exactness` says.

    `label` is what the person named, when it is more than the commune: an address, a neighbourhood.
    `epci_*` are None for the few communes outside any EPCI (four islands, the overseas collectivities).
    """

    model_config = ConfigDict(frozen=True)

    commune_code: str = Field(pattern=COMMUNE_CODE)
    commune_name: str
    postcode: str | None = Field(default=None, pattern=r"^\d{5}$")
    epci_code: str | None = Field(default=None, pattern=EPCI_CODE)
    epci_name: str | None = None
    department_code: str = Field(pattern=DEPARTMENT_CODE)
    region_code: str = Field(pattern=REGION_CODE)
    latitude: Latitude
    longitude: Longitude
    exactness: Exactness
    label: str | None = None

    @property
    def is_approximate(self) -> bool:
        """A match or a page that rests on such a place says so: the coordinates may be 10 km off, or more."""
        return self.exactness in _APPROXIMATE

    @property
    def short_name(self) -> str:
        """« Montaudran, Toulouse (31) » or « Fenouillet (31) »."""
        named = f"{self.label}, {self.commune_name}" if self.label else self.commune_name
        return f"{named} ({self.department_code})"


class Area(BaseModel):
    """An administrative area, by its official code: INSEE (commune, department, region), SIREN (EPCI), `FR`."""

    model_config = ConfigDict(frozen=True)

    kind: AreaKind
    code: str
    name: str

    @model_validator(mode="after")
    def _code_belongs_to_kind(self) -> Self:
        if not re.match(_CODE_PATTERNS[self.kind], self.code):
            raise ValueError(f"{self.code!r} is not the code of a {self.kind}")
        return self


class Radius(BaseModel):
    """A disc of `km` around a centre, as the crow flies; `label` and `exactness` are the centre's."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["radius"] = "radius"
    latitude: Latitude
    longitude: Longitude
    km: float = Field(gt=0, le=20_000, allow_inf_nan=False)
    label: str
    exactness: Exactness = "commune"

    @property
    def is_approximate(self) -> bool:
        """Whether the centre is only that of an EPCI or a department; see `Place.is_approximate`."""
        return self.exactness in _APPROXIMATE


Zone = Annotated[Area | Radius, Field(discriminator="kind")]
"""One area of an offer. An offer has several; the best one counts."""

WHOLE_COUNTRY = Area(kind="country", code=COUNTRY, name="France")


def radius_around(place: Place, km: float) -> Radius:
    """The disc of `km` around a place, labelled by what the person named."""
    return Radius(
        latitude=place.latitude,
        longitude=place.longitude,
        km=km,
        label=place.label or place.commune_name,
        exactness=place.exactness,
    )


def distance_km(a: Place | Radius, b: Place | Radius) -> float:
    """Great-circle distance (haversine): the crow's, about 1.3 times less than the road's."""
    return _distance_km(a.latitude, a.longitude, b.latitude, b.longitude)


# The same two places are compared for each zone and each constraint, and again for the next demand there.
@lru_cache(maxsize=16_384)
def _distance_km(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    phi_a, phi_b = math.radians(latitude_a), math.radians(latitude_b)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = math.radians(longitude_b - longitude_a) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def covers(zone: Area | Radius, place: Place) -> bool:
    """Administrative areas compare codes, so they are exact where coordinates are not; a radius's edge is inside."""
    if isinstance(zone, Radius):
        return distance_km(zone, place) <= zone.km
    return zone.code == _code_of(place, zone.kind)


def gap_km(zone: Area | Radius, place: Place) -> float | None:
    """How many km a radius falls short of the place, 0.0 when it covers it; None for an administrative area."""
    if isinstance(zone, Radius):
        return max(0.0, distance_km(zone, place) - zone.km)
    return None


def describe(zone: Area | Radius, language: Language = "fr") -> str:
    """« 30 km autour de Launaguet », « Launaguet (31) », « région Occitanie », « toute la France »."""
    if isinstance(zone, Radius):
        return _describe_radius(zone, language)
    department = department_of(zone.code) if zone.kind == "commune" else zone.code
    return _WORDINGS[language][zone.kind].format(name=zone.name, department=department)


def department_of(commune_code: str) -> str:
    """The department in a commune's INSEE code: three characters overseas, two elsewhere (2A and 2B in Corsica)."""
    return commune_code[:3] if commune_code[:2] in ("97", "98") else commune_code[:2]


def _code_of(place: Place, kind: AreaKind) -> str | None:
    return {
        "commune": place.commune_code,
        "epci": place.epci_code,
        "department": place.department_code,
        "region": place.region_code,
        "country": COUNTRY,
    }[kind]


def _describe_radius(zone: Radius, language: Language) -> str:
    km = f"{zone.km:g}"
    if language == "en":
        return f"{km} km around {zone.label}"
    return f"{km.replace('.', ',')} km autour {_french_of(zone.label)}"


def _french_of(name: str) -> str:
    """« de Launaguet », « d'Aucamville », « du Fousseret », « des Lilas »; an h is taken as sounded."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    if name[:1].casefold() in "aàâæeéèêëiîïoôœuùy" and name:
        return f"d'{name}"
    return f"de {name}"
