"""A tiny invented case study: three municipalities, two coders."""

from __future__ import annotations

import csv
import io

FRAME = """\
id: umsetzung
title: {de: Umsetzung, en: Implementation}
codes:
  - id: hemmnis
    label: {de: Hemmnisse, en: Obstacles}
    definition: {de: Was die Umsetzung aufhält.}
    codes:
      - id: personal
        label: {de: Personal, en: Staff}
        anchors: [Uns fehlen Leute.]
      - {id: recht, label: {de: Recht, en: Law}}
  - {id: erfolg, label: {de: Erfolge, en: Successes}}
  - id: nutzen
    label: {de: Nutzen, en: Benefit}
    codes:
      - {id: n1, value: 1, label: {de: gering, en: low}}
      - {id: n2, value: 2, label: {de: mittel, en: medium}}
      - {id: n3, value: 3, label: {de: hoch, en: high}}
      - {id: n4, value: 4, label: {de: sehr hoch, en: very high}}
      - {id: n5, value: 5, label: {de: größter, en: greatest}}
"""
HEAD = [
    *("case", "passage", "coder", "codes", "text", "source", "page"),
    *("released_by", "released_on", "placeholders", "attribution", "staffel"),
]
SECRET = "Erika Muster aus Musterstadt fehlt"
ROWS = [
    ["A", "p1", "eins", "personal", SECRET, "i1.docx", "3", "", "", "", "", "1"],
    [
        *("A", "p2", "eins", "personal;recht", "Musterstadts Recht, sagt  Frau Muster", "i1", "4"),
        *("Leitung", "2026-05-04", "Muster=[Person 1]; Musterstadt=[Stadt]", "Kleinstadt", "1"),
    ],
    ["B", "p3", "eins", "hemmnis", "geheim drei", "", "", "", "", "", "", "2"],
    [
        *("B", "p4", "eins", "erfolg", "Musterstadt macht es vor", "", ""),
        *("Leitung", "2026-05-05", "", "", "2"),
    ],
    ["C", "p5", "eins", "", "", "", "", "", "", "", "", "1"],
]


def as_csv(rows, head=HEAD) -> str:
    """Return rows as a CSV."""
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\n").writerows([head, *rows])
    return lines.getvalue()
