"""The printable table: columns with units, raw cells, notes and a source line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Number
from typing import TYPE_CHECKING, Any, Literal

from begleitforschung.display.numbers import MISSING, format_number, is_missing
from begleitforschung.display.secrecy import SECRET, SECRET_TEXT, UNPROTECTED, UNPROTECTED_NOTE
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    import pandas as pd

Align = Literal["left", "right", "center"]
_YEAR_NAMES = ("year", "jahr")
_SOURCE: dict[Lang, str] = {"de": "Quelle", "en": "Source"}
_NOTE: dict[Lang, str] = {"de": "Anmerkung", "en": "Note"}
_TRUTH: dict[Lang, dict[str, str]] = {
    "de": {"True": "ja", "False": "nein"},
    "en": {"True": "yes", "False": "no"},
}
_FIGURE_SPACE, _PUNCTUATION_SPACE = "\u2007", "\u2008"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell that is more than its value.

    Parameters
    ----------
    value : float, int, str or None
        The raw value; missing ones are printed as an en dash.
    mark : str
        Sign set high behind the value; one of the notes explains it.
    emphasis : bool
        Whether it is set in bold, for totals.
    decimals : int, optional
        Decimal places of this cell where they differ from the column's.
    secret : bool
        Whether something of it is kept secret: the value where it is missing, which is then
        printed as a point; else what would stand in brackets behind it.
    """

    value: Any
    mark: str = ""
    emphasis: bool = False
    decimals: int | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    key : str
        Name in `TableModel.to_frame`.
    label : str
        Heading.
    unit : str
        Unit of measure, shown in the unit row of the heading.
    decimals : int, optional
        Decimal places; without them whole numbers are printed without separators (years) and
        others with the digits that they have.
    align : {"left", "right", "center"}, optional
        Alignment; by default right where the column holds numbers only.
    sign : bool
        Whether positive numbers carry a plus sign.
    """

    key: str
    label: str
    unit: str = ""
    decimals: int | None = None
    align: Align | None = None
    sign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableModel:
    """A table as it is printed, free of any output format.

    Parameters
    ----------
    columns : sequence of Column
        The columns; the first one holds the headings of the rows.
    rows : sequence of sequences
        Raw values (float, int, str or ``None``) or `Cell`, one for each column.
    notes : sequence of str
        Notes below the table.
    source : str
        Source line, without the word "Quelle".
    heading : str
        What all rows are about, e.g. the wording of a question: above the table as plain text;
        reports have titles of their own.
    lang : {"de", "en"}
        Language of separators and added words.
    unprotected : bool
        Whether it shows confidential figures that are not protected; `as_unprotected` sets it.
    origin : object
        Protected result that it shows, for the registry of what reports publish.

    Raises
    ------
    ReportError
        If a row has not as many cells as there are columns, or two columns share a key.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()
    source: str = ""
    lang: Lang = "de"
    unprotected: bool = False
    heading: str = ""
    origin: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if not keys or len(set(keys)) < len(keys):
            raise ReportError(f"a table needs columns with different keys, not {keys}")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(keys):
                raise ReportError(
                    f"row {number} of the table has {len(row)} cells for {len(keys)} columns"
                )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        labels: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
        decimals: int | Mapping[str, int] = 1,
        notes: Sequence[str] = (),
        source: str = "",
        lang: Lang = "de",
    ) -> TableModel:
        """Make a table of a DataFrame, its index left out.

        Parameters
        ----------
        frame : pandas.DataFrame
            The table.
        labels, units : mapping, optional
            Headings and units of measure by column; the column's name where absent.
        decimals : int or mapping
            Decimal places of the columns with fractions, for all or by column. Whole numbers
            have none; columns named ``year`` or ``Jahr`` have no separators; truth is printed as
            "ja" or "nein".
        notes : sequence of str
            Notes below the table.
        source : str
            Source line.
        lang : {"de", "en"}
            Language.

        Returns
        -------
        TableModel
            The table.
        """
        columns = [
            Column(
                key=str(name),
                label=(labels or {}).get(str(name), str(name)),
                unit=(units or {}).get(str(name), ""),
                decimals=_decimals_of(str(name), frame[name], decimals),
            )
            for name in frame.columns
        ]
        rows = [tuple(row) for row in frame.itertuples(index=False, name=None)]
        return cls(columns=columns, rows=rows, notes=notes, source=source, lang=lang)

    def cells(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows as `Cell` throughout.

        Yields
        ------
        tuple of Cell
            One for each row.
        """
        for row in self.rows:
            yield tuple(c if isinstance(c, Cell) else Cell(value=c) for c in row)

    def as_unprotected(self) -> TableModel:
        """Return the table with the marks of one that is for the own desk only.

        Returns
        -------
        TableModel
            The same rows; a note says it, and so does whatever stands above the table.
        """
        if self.unprotected:
            return self
        notes = (UNPROTECTED_NOTE.get(self.lang), *self.notes)
        return replace(self, unprotected=True, notes=notes)

    def formatted(self) -> list[list[str]]:
        """Return the rows as printed, marks left out.

        Returns
        -------
        list of list of str
            One list for each row.
        """
        return [
            [self._text(cell, column) for cell, column in zip(row, self.columns, strict=True)]
            for row in self.cells()
        ]

    def aligned(self) -> list[list[str]]:
        """Return the rows as printed, numbers filled up so that their decimal signs align.

        Returns
        -------
        list of list of str
            As `formatted`; figure spaces follow a number with fewer decimals than its column.
        """
        rows = self.formatted()
        for index, (column, align) in enumerate(zip(self.columns, self.alignments(), strict=True)):
            if align != "right":
                continue
            places = [self._places(row[index], column) for row in self.cells()]
            widest = max((p for p in places if p is not None), default=0)
            for row, have in zip(rows, places, strict=True):
                if have is not None and have < widest:
                    gap = _PUNCTUATION_SPACE if have == 0 else ""
                    row[index] += gap + _FIGURE_SPACE * (widest - have)
        return rows

    def alignments(self) -> list[Align]:
        """Return the alignment of each column.

        Returns
        -------
        list of {"left", "right", "center"}
            The alignment asked for, else right where all values present are numbers or
            the column has decimals.
        """
        found: list[Align] = []
        columns = list(zip(*self.cells(), strict=True)) or [()] * len(self.columns)
        for column, cells in zip(self.columns, columns, strict=True):
            values = [cell.value for cell in cells if not is_missing(cell.value)]
            known = (
                bool(values) or any(cell.secret for cell in cells) or column.decimals is not None
            )
            numeric = known and all(map(_is_number, values))
            found.append(column.align or ("right" if numeric else "left"))
        return found

    def to_html(self, caption: str = "") -> str:
        """Return the table as HTML with header cells, notes and source.

        Parameters
        ----------
        caption : str
            Content of the caption, HTML already escaped; none by default.

        Returns
        -------
        str
            A ``div`` with the ``table`` and the paragraphs below it.
        """
        from begleitforschung.display.table_html import table_html

        return table_html(self, caption)

    def spoken(self) -> list[list[str]]:
        """Return what is read aloud instead of what is printed.

        Returns
        -------
        list of list of str
            One list for each row; empty where the printed text is read.
        """
        words = SECRET_TEXT.get(self.lang)
        return [
            [
                "" if not cell.secret else self._text(cell, column, words)
                for cell, column in zip(row, self.columns, strict=True)
            ]
            for row in self.cells()
        ]

    def below(self) -> list[str]:
        """Return the lines below the table.

        Returns
        -------
        list of str
            Notes, then the source.
        """
        lines = [f"{_NOTE[self.lang]}: {self.notes[0]}", *self.notes[1:]] if self.notes else []
        return [*lines, f"{_SOURCE[self.lang]}: {self.source}"] if self.source else lines

    def to_text(self) -> str:
        """Return the table as plain text with aligned columns.

        Returns
        -------
        str
            What it is about, headings, units, rows, notes and source.
        """
        marks = [[cell.mark for cell in row] for row in self.cells()]
        rows = [list(map(str.__add__, *pair)) for pair in zip(self.aligned(), marks, strict=True)]
        lines = [[column.label for column in self.columns]]
        if any(column.unit for column in self.columns):
            lines.append([column.unit for column in self.columns])
        widths = [max(map(len, texts)) for texts in zip(*lines, *rows, strict=True)]
        aligns = self.alignments()
        rule = ["-" * width for width in widths]
        table = [
            "  ".join(
                text.rjust(width) if align == "right" else text.ljust(width)
                for text, width, align in zip(line, widths, aligns, strict=True)
            ).rstrip()
            for line in [*lines, rule, *rows]
        ]
        above = [UNPROTECTED.get(self.lang)] * self.unprotected
        above += [self.heading] if self.heading else []
        return "\n".join([*above, *table, *self.below()])

    def to_frame(self) -> pd.DataFrame:
        """Return the raw values as a DataFrame, columns named by their keys.

        Returns
        -------
        pandas.DataFrame
            One row for each row of the table.
        """
        import pandas as pd

        values = [[cell.value for cell in row] for row in self.cells()]
        return pd.DataFrame(values, columns=[column.key for column in self.columns])

    def _repr_html_(self) -> str:
        return self.to_html()

    def _text(self, cell: Cell, column: Column, secret: str = SECRET) -> str:
        """Write a cell, a word or sign for what is kept secret."""
        if not cell.secret:
            return self._open_text(cell, column)
        return secret if is_missing(cell.value) else f"{self._open_text(cell, column)} [{secret}]"

    def _open_text(self, cell: Cell, column: Column) -> str:
        value = cell.value
        if is_missing(value):
            return MISSING
        if isinstance(value, str):
            return value
        if not _is_number(value):
            return _TRUTH[self.lang].get(str(value), str(value))
        decimals = column.decimals if cell.decimals is None else cell.decimals
        if decimals is None and float(value).is_integer():
            return str(int(value))
        return format_number(value, decimals, self.lang, sign=column.sign)

    def _places(self, cell: Cell, column: Column) -> int | None:
        if is_missing(cell.value) or not _is_number(cell.value):
            return None
        return column.decimals if cell.decimals is None else cell.decimals


def _is_number(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool)


def _decimals_of(
    name: str, values: pd.Series[Any], decimals: int | Mapping[str, int]
) -> int | None:
    """Return the decimal places of a DataFrame's column: none for whole numbers and years."""
    if not isinstance(decimals, int) and name in decimals:
        return decimals[name]
    if name.lower() in _YEAR_NAMES:
        return None
    if values.dtype.kind in "iu":
        return 0
    return decimals if isinstance(decimals, int) else 1
