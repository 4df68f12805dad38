"""What codes, reasons and near misses are called in French and English, the same in all three services."""

from shared.phrases.gaps import say_gap
from shared.phrases.names import named, options
from shared.phrases.reasons import say_reason

__all__ = ["named", "options", "say_gap", "say_reason"]
