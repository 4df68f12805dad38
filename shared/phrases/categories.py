"""What is said of a category of the vocabulary: its kind, the best level its waste usually reaches, its scheme."""

from typing import Final

from shared.phrases.names import EPR_SCHEMES, LEVELS, Names

CATEGORY_KINDS: Final[Names] = {
    "material": ("Matière", "Material"),
    "product": ("Produit", "Product"),
    "service": ("Service", "Service"),
    "support": ("Accompagnement", "Support"),
    "patronage": ("Mécénat", "Patronage"),
    "csr": ("Action RSE", "CSR action"),
}
# The kinds as headings, in the order of the page.
CATEGORY_FAMILIES: Final[Names] = {
    "material": ("Matières", "Materials"),
    "product": ("Produits et objets", "Products and objects"),
    "service": ("Services et travaux", "Services and works"),
    "support": ("Accompagnement", "Support"),
    "csr": ("Actions RSE", "CSR actions"),
    "patronage": ("Mécénat", "Patronage"),
}
CATEGORY_LEVELS: Final[Names] = {**LEVELS, "preparing_for_reuse": LEVELS["preparation"]}
CATEGORY_SCHEMES: Final[Names] = {**EPR_SCHEMES, "sport": EPR_SCHEMES["sports"]}
