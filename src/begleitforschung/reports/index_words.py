"""The words of method sheets and workbooks of indices, in both languages."""

from __future__ import annotations

from begleitforschung.language import Lang, Text

_WORDS: dict[str, Text] = {
    "sheet": Text("Methodenblatt", "Method sheet"),
    "purpose": Text("Zweck", "Purpose"),
    "what_for": Text("Wozu der Index dient", "What the index is for"),
    "not_for": Text("Wozu er nicht dient", "What it is not for"),
    "concerns": Text("Wen er betrifft", "Whom it concerns"),
    "model": Text("Messmodell", "Model of measurement"),
    "formative": Text(
        "formativ: Die Indikatoren machen zusammen aus, was gemessen wird; sie müssen nicht "
        "zusammenhängen.",
        "formative: the indicators together make up what is measured; they need not correlate.",
    ),
    "reflective": Text(
        "reflektiv: In den Indikatoren zeigt sich, was gemessen wird; sie sollten zusammenhängen.",
        "reflective: what is measured shows in the indicators; they are expected to correlate.",
    ),
    "no_purpose": Text(
        "Nicht festgehalten. Bevor aus diesem Index ein Bericht entsteht, ist anzugeben, wozu er "
        "dient, wozu nicht, und wen er betrifft.",
        "Not on record. Before a report is made from this index, state what it is for, what not, "
        "and whom it concerns.",
    ),
    "structure": Text("Aufbau und Gewichte", "Structure and weights"),
    "element": Text("Teil", "Part"),
    "id": Text("Kennung", "Identifier"),
    "title": Text("Titel", "Title"),
    "level": Text("Ebene", "Level"),
    "direction": Text("besser ist", "Better is"),
    "higher": Text("mehr", "more"),
    "lower": Text("weniger", "less"),
    "measure": Text("Maßeinheit", "Unit of measure"),
    "share": Text("Anteil im Knoten", "Share of its node"),
    "effective": Text("wirksames Gewicht", "Effective weight"),
    "weight": Text("Gewicht", "Weight"),
    "own": Text("Besonderheiten", "Particulars"),
    "per": Text("je", "per"),
    "coverage_from": Text("Mindestanteil", "minimum share"),
    "goalposts": Text("Zielpfosten", "goalposts"),
    "target": Text("Ziel", "target"),
    "steps": Text("Rechenschritte", "Steps"),
    "method": Text("Methode", "Method"),
    "what": Text("Beschreibung", "Description"),
    "parameters": Text("Einstellungen", "Settings"),
    "formula": Text("Formel", "Formula"),
    "reference_years": Text("Bezugsjahre", "Reference years"),
    "holds_for": Text("Gilt für", "Holds for"),
    "references": Text("Quelle der Methode", "Reference of the method"),
    "others": Text("alle anderen", "all others"),
    "empty": Text("leer", "empty"),
    "data": Text("Daten", "Data"),
    "unit": Text("Einheit", "Unit"),
    "name": Text("Name", "Name"),
    "year": Text("Jahr", "Year"),
    "years": Text("Jahre", "Years"),
    "indicator": Text("Indikator", "Indicator"),
    "source": Text("Quelle", "Source"),
    "sources": Text("Quellen", "Sources"),
    "publisher": Text("Herausgeber", "Publisher"),
    "edition": Text("Ausgabe", "Edition"),
    "retrieved": Text("Abruf", "Retrieved"),
    "file": Text("Datei", "File"),
    "licence": Text("Lizenz", "Licence"),
    "changes": Text("Änderungen", "Changes"),
    "changes_to": Text("Änderungen an", "Changes to"),
    "territory": Text("Gebietsstand", "Territorial state"),
    "changed": Text("Was an den Werten verändert wurde", "What was changed in the values"),
    "missing": Text("fehlend", "missing"),
    "imputed": Text("ergänzt", "imputed"),
    "cut": Text("gekappt", "winsorised"),
    "transformed": Text("transformiert", "transformed"),
    "treated_by": Text("Transformation", "Transformation"),
    "skew_before": Text("Schiefe vorher", "Skewness before"),
    "skew_after": Text("Schiefe nachher", "Skewness after"),
    "kurtosis_before": Text("Wölbung vorher", "Kurtosis before"),
    "kurtosis_after": Text("Wölbung nachher", "Kurtosis after"),
    "step": Text("Schritt", "Step"),
    "warnings": Text("Hinweise", "Remarks"),
    "nothing": Text("Keine.", "None."),
    "fingerprint": Text("Prüfsumme der Spezifikation", "Fingerprint of the specification"),
    "made_with": Text("Erstellt mit", "Made with"),
    "own_rule": Text("eigene Festlegung", "own specification"),
    "overview": Text("Überblick", "Overview"),
    "scores": Text("Ergebnis", "Scores"),
    "score": Text("Punktwert", "Score"),
    "ranks": Text("Ränge", "Ranks"),
    "rank": Text("Rang", "Rank"),
    "coverage": Text("vorhandene Indikatoren", "Indicators available"),
    "imputed_share": Text("ergänzte Indikatoren", "Indicators imputed"),
    "contributions": Text("Beiträge", "Contributions"),
    "marked": Text("Veränderte Werte", "Changed values"),
    "treatments": Text("Ausreißer", "Outliers"),
    "screened": Text("Fehlende Werte und Nullen", "Missing values and zeros"),
    "specification": Text("Spezifikation", "Specification"),
    "weights": Text("Gewichte", "Weights"),
    "raw": Text("Rohwerte", "Raw values"),
    "kept": Text("behalten", "kept"),
    "zeros": Text("Nullen", "Zeros"),
    "available": Text("Anteil vorhanden", "Share available"),
    "nonzero": Text("Anteil ungleich null", "Share other than zero"),
    "before": Text("Rohwert", "Raw value"),
    "after": Text("vor der Normierung", "Before normalisation"),
    "mark": Text("Was geschah", "What was done"),
    "contents": Text("Tabellenblatt", "Sheet"),
    "legend": Text("Farben der Zellen", "Colours of cells"),
    "error": Text("Fehler", "error"),
    "warning": Text("Warnung", "warning"),
    "info": Text("Hinweis", "remark"),
}


def word(key: str, lang: Lang) -> str:
    """Return one word.

    Parameters
    ----------
    key : str
        Its key.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The word.

    Raises
    ------
    KeyError
        If there is none; every key is written in this package.
    """
    return _WORDS[key].get(lang)
