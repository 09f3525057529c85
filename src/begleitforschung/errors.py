"""What can go wrong, said in the user's words: where it is, what was expected, what to do.

One base class and one class for each question that a user can ask. A `Finding` is one such
problem as a value; errors collect all findings and are raised once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from begleitforschung.language import Lang, Text

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_ROWS_KEPT = 100
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem or remark about data, with its place and its remedy.

    Parameters
    ----------
    rule : str
        Identifier of the rule that found it, dotted (``"genesis.district_of_county"``).
    severity : {"error", "warning", "info"}
        How bad it is; ``"error"`` means that no number may be made from the cell.
    text : Text
        What was found, in German and English.
    hint : Text, optional
        What to do.
    file : str, optional
        Name of the file, without folder.
    row : int, optional
        First row concerned, counted as in the file (the header line is row 1).
    column : str, optional
        Column of the file or table.
    key : str, optional
        Unit, year and indicator of the cell, or whatever identifies the row.
    value : str, optional
        The value found; ``None`` where it is confidential or does not matter.
    n : int
        Number of cells or rows concerned.
    rows : tuple of int
        The rows concerned, the first 100 of them.
    """

    rule: str
    severity: Severity
    text: Text
    hint: Text | None = None
    file: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    value: str | None = None
    n: int = 1
    rows: tuple[int, ...] = ()

    def line(self, lang: Lang = "en") -> str:
        """Return the finding as one line of text.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the line.

        Returns
        -------
        str
            Place, text, value and number of cells concerned.
        """
        words = {"de": ("Zeile", "Spalte", "Fälle"), "en": ("row", "column", "cases")}[lang]
        where = [self.file] if self.file else []
        if self.row is not None:
            where.append(f"{words[0]} {self.row}")
        if self.column:
            where.append(f"{words[1]} {self.column!r}")
        if self.key:
            where.append(self.key)
        tail = f", {self.value!r}" if self.value is not None else ""
        many = f" [{self.n} {words[2]}]" if self.n > 1 else ""
        place = ", ".join(where)
        return f"{place + ': ' if place else ''}{self.text.get(lang)}{tail}{many}"


def findings_frame(findings: Iterable[Finding], lang: Lang = "de") -> pd.DataFrame:
    """Return findings as a table, one row each.

    Parameters
    ----------
    findings : iterable of Finding
        What was found.
    lang : {"de", "en"}
        Language of the texts.

    Returns
    -------
    pandas.DataFrame
        Columns ``severity, rule, file, row, column, key, value, n, text, hint``.
    """
    import pandas as pd

    order = ["severity", "rule", "file", "row", "column", "key", "value", "n", "text", "hint"]
    rows: list[dict[str, Any]] = []
    for item in findings:
        row = {f.name: getattr(item, f.name) for f in fields(item) if f.name != "rows"}
        row["text"] = item.text.get(lang)
        row["hint"] = item.hint.get(lang) if item.hint else None
        rows.append(row)
    frame = pd.DataFrame(rows, columns=order)
    return frame.astype({"row": "Int64", "n": "int64"})


def rows_concerned(rows: Iterable[int]) -> tuple[int, ...]:
    """Return the rows to keep in a finding: in order, at most 100.

    Parameters
    ----------
    rows : iterable of int
        Row numbers as in the file.

    Returns
    -------
    tuple of int
        The first 100 in ascending order.
    """
    listed = rows.tolist() if hasattr(rows, "tolist") else rows  # of arrays, many times as fast
    return tuple(sorted(map(int, listed))[:_ROWS_KEPT])


class BegleitforschungError(Exception):
    """Base of all errors that a user of this package meets.

    Parameters
    ----------
    message : str
        What went wrong and what to do.
    findings : sequence of Finding
        Every single problem, where there are several.
    """

    def __init__(self, message: str, *, findings: Sequence[Finding] = ()) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        shown = [f"  - {item.line()}" for item in self.findings[:_SHOWN]]
        hints = dict.fromkeys(item.hint.get("en") for item in self.findings if item.hint)
        shown += [f"      {hint}" for hint in hints]
        if len(self.findings) > _SHOWN:
            more = len(self.findings) - _SHOWN
            shown.append(f"  … and {more} more. All of them: `error.failures`.")
        super().__init__("\n".join([message, *shown]))

    @property
    def failures(self) -> pd.DataFrame:
        """All findings as a table, one row each (see `findings_frame`)."""
        return findings_frame(self.findings, "en")


class SourceFileError(BegleitforschungError):
    """Can this file be read? The file is missing, empty, damaged or of an unknown format."""


class ValidationError(BegleitforschungError):
    """Are these data in order? They break a schema or a rule of severity error."""


class CatalogueError(BegleitforschungError):
    """Is this catalogue entry well-formed? A YAML or CSV of domain knowledge is not."""


class FrameworkError(BegleitforschungError):
    """Is this KPI framework complete and consistent? It is not."""


class FormulaError(FrameworkError):
    """Can this formula be evaluated? It breaks the grammar or names an unknown variable."""


class SpecificationError(FrameworkError):
    """Is this specification of an index complete and consistent? It is not."""


class CompositeError(BegleitforschungError):
    """Can this index be computed from these figures? A step has no meaning on them."""


class AggregationError(BegleitforschungError):
    """May these values be added up or averaged? Their rule forbids it or is unknown."""


class TerritoryError(BegleitforschungError):
    """Do these figures stand on the same territorial state? They don't, or nobody knows."""


class ComparisonError(BegleitforschungError):
    """Can these groups be compared? The comparison asked for has no meaning on these data."""


class DisclosureError(BegleitforschungError):
    """May this be shown? It holds confidential figures that are not protected yet."""


class CorrectionError(BegleitforschungError):
    """Can this correction be applied? The value that it expects is not there."""


class ReportError(BegleitforschungError):
    """Can this report be made? A cell failed, a reference dangles or a text is missing."""


class FetchError(BegleitforschungError):
    """Could this file be fetched from its publisher? The server or the settings say no."""


class ProjectError(BegleitforschungError):
    """Is this project file complete? ``projekt.toml`` is missing, unreadable or wrong."""


class MissingDependencyError(BegleitforschungError):
    """Is everything installed that this needs? An optional package is missing."""


class UnknownCodeError(BegleitforschungError):
    """Does this code exist? It does not; the nearest ones are named.

    Parameters
    ----------
    code : str
        What was asked for.
    known : iterable of str
        What exists.
    what : str
        What the codes are codes of, e.g. ``"indicators of the table"``.
    """

    def __init__(self, code: object, known: Iterable[str], what: str) -> None:
        names = [str(name) for name in known]
        near = get_close_matches(str(code), names, n=3, cutoff=0.6)
        if near:
            tail = f" Did you mean {' or '.join(map(repr, near))}?"
        elif len(names) <= _SHOWN:
            tail = f" Known are: {', '.join(names) or 'none'}."
        else:
            tail = ""
        super().__init__(f"{str(code)!r} is not a code of {what} ({len(names)} codes).{tail}")
