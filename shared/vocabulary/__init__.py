"""The vocabulary of the exchange: categories, official codes, units, and the analysis of French and English text."""

from __future__ import annotations

from shared.vocabulary.agec import AgecLine, AgecShare, agec_lines, agec_source
from shared.vocabulary.closeness import proximity
from shared.vocabulary.coding import (
    CodeSuggestion,
    code_beginning,
    codes_of,
    held_codes,
    printed_code,
    suggest_codes,
    warm_up,
)
from shared.vocabulary.crosswalk import CodeScheme, by_cpv, by_ewc, by_naf, code_overlap, plain_code
from shared.vocabulary.entry import KINDS, SCHEMES, WASTE_LEVELS, Category, Kind, Scheme, WasteLevel
from shared.vocabulary.factors import TREATMENTS, Factor, Treatment, factor_source, factors
from shared.vocabulary.feeding import is_fed, is_food, is_kept_cold, is_kitchen_waste
from shared.vocabulary.reading import VocabularyError
from shared.vocabulary.substitution import Outlet, outlets, receiving_divisions
from shared.vocabulary.suggesting import SURE, Suggestion, suggest
from shared.vocabulary.text import expand, fold, stems, words
from shared.vocabulary.tree import (
    CategoryUnknown,
    ancestors,
    categories,
    category,
    children,
    descendants,
    name,
    root_of,
    roots,
)
from shared.vocabulary.units import (
    PERIODS,
    UNITS,
    Period,
    Quantity,
    Unit,
    UnitsIncompatible,
    UnitUnknown,
    base_unit,
    convert,
    normalise,
    per_month,
    period_name,
    unit,
)
from shared.vocabulary.waste_codes import EWC, WasteCodeUnknown, is_hazardous, is_waste_code

__all__ = [
    "EWC",
    "KINDS",
    "PERIODS",
    "SCHEMES",
    "SURE",
    "TREATMENTS",
    "UNITS",
    "WASTE_LEVELS",
    "AgecLine",
    "AgecShare",
    "Category",
    "CategoryUnknown",
    "CodeScheme",
    "CodeSuggestion",
    "Factor",
    "Kind",
    "Outlet",
    "Period",
    "Quantity",
    "Scheme",
    "Suggestion",
    "Treatment",
    "Unit",
    "UnitUnknown",
    "UnitsIncompatible",
    "VocabularyError",
    "WasteCodeUnknown",
    "WasteLevel",
    "agec_lines",
    "agec_source",
    "ancestors",
    "base_unit",
    "by_cpv",
    "by_ewc",
    "by_naf",
    "categories",
    "category",
    "children",
    "code_beginning",
    "code_overlap",
    "codes_of",
    "convert",
    "descendants",
    "expand",
    "factor_source",
    "factors",
    "fold",
    "held_codes",
    "is_fed",
    "is_food",
    "is_hazardous",
    "is_kept_cold",
    "is_kitchen_waste",
    "is_waste_code",
    "name",
    "normalise",
    "outlets",
    "per_month",
    "period_name",
    "plain_code",
    "printed_code",
    "proximity",
    "receiving_divisions",
    "root_of",
    "roots",
    "stems",
    "suggest",
    "suggest_codes",
    "unit",
    "warm_up",
    "words",
]
