"""What `impact` counts without knowing it: of each kind the confirmed exchanges that nothing was recorded of yet."""

from typing import Final

from services.catalog.agreements.counting import exchange_of_agreement, unrecorded_agreements
from services.catalog.impact.recomputing import Kind
from services.catalog.takings.counting import exchange_of_taking, unrecorded_takings

KINDS: Final = (Kind(unrecorded_takings, exchange_of_taking), Kind(unrecorded_agreements, exchange_of_agreement))
