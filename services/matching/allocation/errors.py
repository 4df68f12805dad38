"""What may be refused about splits."""

from shared.refusal import Refusal


class SplitNoLongerPossible(Refusal):
    """A taker left or filled up, the flow changed, or the shares never kept the rules."""

    sentence = "Cette répartition n'est plus possible : un preneur ou le gisement a changé. Relisez la nouvelle."


class NothingToAccept(Refusal):
    """Nobody would take anything."""

    status = 422
    sentence = "Choisissez au moins un preneur."
    field = "shares"
