"""The few words that a report adds by itself, in both languages."""

from __future__ import annotations

from begleitforschung.language import Lang, Text

WORDS: dict[str, Text] = {
    "figure": Text("Abbildung", "Figure"),
    "table": Text("Tabelle", "Table"),
    "source": Text("Quelle", "Source"),
    "note": Text("Anmerkung", "Note"),
    "contents": Text("Inhaltsverzeichnis", "Contents"),
    "imprint": Text("Impressum", "Imprint"),
    "citation": Text("Zitierweise", "How to cite"),
    "publisher": Text("Herausgeber", "Publisher"),
    "scientific_support": Text("Wissenschaftliche Begleitung", "Scientific support"),
    "contractor": Text("Auftragnehmer", "Contractor"),
    "authors": Text("Autorinnen und Autoren", "Authors"),
    "editing": Text("Redaktion", "Editing"),
    "date": Text("Stand", "As of"),
    "layout": Text("Satz und Layout", "Typesetting and layout"),
    "image_credits": Text("Bildnachweis", "Image credits"),
    "reproduction": Text("Vervielfältigung", "Reproduction"),
    "liability": Text("Haftung", "Liability"),
    "licence": Text("Lizenz", "Licence"),
    "issn": Text("ISSN", "ISSN"),
    "page": Text("Seite", "Page"),
    "skip": Text("Zum Inhalt springen", "Skip to content"),
    "editors_short": Text("Hrsg.", "Ed."),
    "fingerprint": Text("Prüfsumme des Berichts", "Fingerprint of the report"),
}


def words(lang: Lang) -> dict[str, str]:
    """Return all words in one language.

    Parameters
    ----------
    lang : {"de", "en"}
        Language.

    Returns
    -------
    dict of str to str
        Key to word.
    """
    return {key: text.get(lang) for key, text in WORDS.items()}
