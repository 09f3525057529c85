"""Marks of single values of an index: what was done to them on the way."""

from __future__ import annotations

from begleitforschung.language import Text

IMPUTED = 1
CUT_HIGH = 2
CUT_LOW = 4
TRANSFORMED = 8

MARKS: dict[int, Text] = {
    IMPUTED: Text("ergänzt", "imputed"),
    CUT_HIGH: Text("nach unten gerückt", "winsorised from above"),
    CUT_LOW: Text("nach oben gerückt", "winsorised from below"),
    TRANSFORMED: Text("transformiert", "transformed"),
}
