from __future__ import annotations

import pytest

from begleitforschung.surveys import read_codebook

CODEBOOK = """
id: klein
title: {de: Kleine Befragung, en: Small survey}
instrument:
  respondent: office
  retention: 2030-12-31
  promise: {text: {de: Antworten werden vertraulich behandelt}, date: 2025-01-15,
            legal_basis: Art. 6 Abs. 1 e DSGVO}
items:
  - id: q1
    kind: single
    text: {de: "Gibt es eine Strategie?", en: "Is there a strategy?"}
    codes:
      - {code: "1", label: {de: Ja, en: "Yes"}}
      - {code: "2", label: {de: Nein, en: "No"}}
      - {code: "9", label: {de: Weiß nicht, en: "Don't know"}, missing: dont_know}
  - id: q2
    kind: multiple
    text: {de: Handlungsfelder}
    filter: q1 == 1
    codes:
      - {code: a, label: {de: Mobilität}}
      - {code: b, label: {de: Energie}}
      - {code: k, label: {de: keine Angabe}, missing: refused}
  - id: q3
    kind: array
    cells: scale
    direction: ascending
    text: {de: Bedeutung}
    rows: [{id: x, text: {de: Heute}}, {id: y, text: {de: Morgen}}, {id: z, text: {de: Später}}]
    codes:
      - {code: "1", label: {de: niedrig}}
      - {code: "2", label: {de: mittel}}
      - {code: "3", label: {de: hoch}}
  - id: budget
    kind: number
    text: {de: Ausgaben}
    unit: EUR
    min: 0
    max: 1000000
    estimate: budget_ca
    missing_ranges: [{low: -9, high: -1, missing: refused}]
  - id: seit
    kind: date
    text: {de: Seit wann}
  - id: groesse
    kind: single
    text: {de: Größenklasse}
    confidentiality: public
    codes: [{code: K, label: {de: klein}}, {code: G, label: {de: groß}}]
  - id: freitext
    kind: text
    text: {de: Anmerkungen}
"""


@pytest.fixture(scope="session")
def codebook_text():
    return CODEBOOK


@pytest.fixture(scope="session")
def codebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("codebook") / "klein.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return read_codebook(path)
