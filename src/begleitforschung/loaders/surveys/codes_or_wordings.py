"""Whether an export holds codes or full answers, where a wording is also another one's code."""

from __future__ import annotations

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.matching import Matched
from begleitforschung.loaders.surveys.values import spellings
from begleitforschung.loaders.surveys.words import clean
from begleitforschung.surveys import Codebook


def told_by_wording(
    export: Export, codebook: Codebook, matched: Matched
) -> tuple[bool, list[Finding]]:
    """Say whether the cells of an export are wordings.

    It matters only for questions such as one with the codes 1 to 5 worded "5" to "1". What is
    so in them is decided by all coded columns: each counts for codes if it holds a cell that is
    a code and no wording, and for wordings if it holds one that is a wording and no code.

    Parameters
    ----------
    export : Export
        The export.
    codebook : Codebook
        The codebook.
    matched : Matched
        Which column is which.

    Returns
    -------
    wordings : bool
        Whether a wording counts before a code.
    findings : list of Finding
        A warning if such a question is there and the export does not tell.
    """
    for_codes = for_wordings = 0
    crossed = []
    for column, item in codebook.columns().items():
        if column not in matched.answers or not item.coded or item.kind == "multiple":
            continue
        by_code, by_wording = spellings(item.codes)
        cells = export.cells[matched.answers[column]].dropna().unique()
        found = {clean(cell).casefold() for cell in cells}
        for_codes += bool(found & (by_code.keys() - by_wording.keys()))
        for_wordings += bool(found & (by_wording.keys() - by_code.keys()))
        if any(by_code[key] is not by_wording[key] for key in by_code.keys() & by_wording.keys()):
            crossed.append(column)
    if not crossed or for_codes != for_wordings:
        return for_wordings > for_codes, []
    doubt = Finding(
        rule="survey.codes_or_wordings",
        severity="warning",
        text=Text(
            "Codes und Wortlaut sind nicht zu unterscheiden; gelesen als Codes",
            "codes and wordings can't be told apart; read as codes",
        ),
        hint=Text(
            "Antworten noch einmal als Codes exportieren.", "Export the answers as codes again."
        ),
        file=export.file,
        column=", ".join(crossed[:10]),
        n=len(crossed),
    )
    return False, [doubt]
