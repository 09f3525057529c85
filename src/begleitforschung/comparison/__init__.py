"""Groups of units described and compared with a reference."""

from begleitforschung.comparison.comparing import compare

__all__ = ["compare"]
