"""The vocabulary of the exchange: categories, official codes, units, and the analysis of French and English text."""

from __future__ import annotations

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
from shared.vocabulary.reading import VocabularyError
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
    "UNITS",
    "WASTE_LEVELS",
    "Category",
    "CategoryUnknown",
    "CodeScheme",
    "CodeSuggestion",
    "Kind",
    "Period",
    "Quantity",
    "Scheme",
    "Suggestion",
    "Unit",
    "UnitUnknown",
    "UnitsIncompatible",
    "VocabularyError",
    "WasteCodeUnknown",
    "WasteLevel",
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
    "fold",
    "held_codes",
    "is_hazardous",
    "is_waste_code",
    "name",
    "normalise",
    "per_month",
    "period_name",
    "plain_code",
    "printed_code",
    "proximity",
    "root_of",
    "roots",
    "stems",
    "suggest",
    "suggest_codes",
    "unit",
    "warm_up",
    "words",
]
