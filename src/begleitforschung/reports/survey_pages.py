"""Worksheets of a Tabellenband: contents with links, and one page for each table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from begleitforschung.display.numbers import round_half_up
from begleitforschung.language import Lang, Text
from begleitforschung.reports.survey_sheets import Block, Figure, QuestionTable

CONTENTS: dict[Lang, str] = {"de": "Inhalt", "en": "Contents"}
_HEADS: dict[Lang, tuple[str, ...]] = {
    "de": ("Tabelle", "Frage", "Werte", "n"),
    "en": ("Table", "Question", "Figures", "n"),
}
_ANSWER = Text("Antwort", "Answer")
_BASE = Text("n (Antworten)", "n (answers)")
_INTERVAL = Text("-%-Intervalle", " % intervals")
_PAGE = Text("Seite &P von &N", "Page &P of &N")
_SOURCE = Text("Quelle", "Source")
_HEAD_FILL, _WIDE, _NARROW = "D9E2EC", 46.0, 15.0
_CONTENTS_WIDTHS = (10.0, 80.0, 42.0, 9.0)


def contents_sheet(
    sheet: Any, tables: Sequence[QuestionTable], title: str, lang: Lang, warning: str
) -> None:
    """Write the list of tables with links.

    Parameters
    ----------
    sheet : openpyxl.worksheet.worksheet.Worksheet
        The first worksheet.
    tables : sequence of QuestionTable
        The tables.
    title : str
        Title of the volume.
    lang : {"de", "en"}
        Language.
    warning : str
        What is said above the list; nothing if empty.
    """
    styles = _Styles()
    sheet.title = CONTENTS[lang]
    _page(sheet, title, lang, warning)
    _put(sheet, 1, 1, title, styles.title)
    if warning:
        _put(sheet, 2, 1, warning, styles.bold)
    for at, (label, width) in enumerate(zip(_HEADS[lang], _CONTENTS_WIDTHS, strict=True), start=1):
        _put(sheet, 4, at, label, styles.bold, fill=styles.fill)
        sheet.column_dimensions[styles.letter(at)].width = width
    for number, table in enumerate(tables, start=1):
        row, name = 4 + number, table.sheet(number)
        _link(_put(sheet, row, 1, name, styles.link), name)
        _put(sheet, row, 2, table.question, None, align=styles.wrap)
        _put(sheet, row, 3, table.statistic, None, align=styles.wrap)
        _put(sheet, row, 4, table.n, None, align=styles.right)
    sources = dict.fromkeys(table.source for table in tables if table.source)
    for at, source in enumerate(sources, start=6 + len(tables)):
        _put(sheet, at, 1, f"{_SOURCE.get(lang)}: {source}", None, align=styles.wrap)
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=4)
        sheet.row_dimensions[at].height = 15.0 * (1 + len(source) // 130)
    sheet.freeze_panes = "A5"
    sheet.print_title_rows = "4:4"


class _Styles:
    """Fonts, fills and alignments, made once for a worksheet."""

    def __init__(self) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
        from openpyxl.utils import get_column_letter

        self.letter = get_column_letter
        self.bold, self.title = Font(bold=True), Font(bold=True, size=13)
        self.link = Font(underline="single", color="00507D")
        self.muted = Font(color="5F6B76")
        self.fill = PatternFill("solid", fgColor=_HEAD_FILL)
        self.wrap = Alignment(wrap_text=True, vertical="top")
        self.head = Alignment(wrap_text=True, vertical="bottom", horizontal="right")
        self.right = Alignment(horizontal="right")
        self.above = Border(top=Side(style="thin", color="8A949E"))


class SheetWriter:
    """Writes one table.

    Parameters
    ----------
    sheet : openpyxl.worksheet.worksheet.Worksheet
        An empty worksheet.
    table : QuestionTable
        The table.
    title : str
        Title of the volume, at the head of printed pages.
    lang : {"de", "en"}
        Language.
    warning : str
        What is said above the table and at the head of printed pages; nothing if empty.
    """

    def __init__(
        self, sheet: Any, table: QuestionTable, title: str, lang: Lang, warning: str
    ) -> None:
        self.sheet, self.table, self.title = sheet, table, title
        self.lang, self.warning = lang, warning
        self.styles, self.at = _Styles(), 1
        self.last = 1 + len(table.head)

    def write(self) -> None:
        """Write head, answers, bases, intervals, notes and source."""
        styles, table = self.styles, self.table
        _page(self.sheet, self.title, self.lang, self.warning)
        self.sheet.column_dimensions["A"].width = _WIDE
        for column in range(2, self.last + 1):
            self.sheet.column_dimensions[styles.letter(column)].width = _NARROW
        self._line(table.question, styles.title, wrapped=True)
        self._line(table.statistic, styles.bold)
        if self.warning:
            self._line(self.warning, styles.bold)
        link = _put(self.sheet, self.at, 1, f"← {CONTENTS[self.lang]}", styles.link)
        _link(link, CONTENTS[self.lang])
        self.at += 2
        first = self.at
        self._head()
        self.sheet.freeze_panes = f"B{self.at}"
        self.sheet.print_title_rows = f"{first}:{self.at - 1}"
        for block in table.blocks:
            self._figures(block)
        if any(text for block in table.blocks for _, cells in block.intervals for text in cells):
            self.at += 1
            self._line(f"{table.level}{_INTERVAL.get(self.lang)}", styles.bold)
            for block in table.blocks:
                self._block(block.heading, block.intervals)
        self.at += 1
        lines = [
            *table.notes,
            *([f"{_SOURCE.get(self.lang)}: {table.source}"] * bool(table.source)),
        ]
        for line in lines:
            self._line(line, styles.muted, wrapped=True)

    def _head(self) -> None:
        styles = self.styles
        variables = [variable for variable, _ in self.table.head]
        _put(self.sheet, self.at, 1, "", None, fill=styles.fill)
        for column, variable in enumerate(variables, start=2):
            first = column == 2 or variable != variables[column - 3]
            _put(
                self.sheet,
                self.at,
                column,
                variable if first else "",
                styles.bold,
                fill=styles.fill,
            )
        self.at += 1
        _put(self.sheet, self.at, 1, _ANSWER.get(self.lang), styles.bold, fill=styles.fill)
        for column, (_, group) in enumerate(self.table.head, start=2):
            _put(
                self.sheet, self.at, column, group, styles.bold, fill=styles.fill, align=styles.head
            )
        self.sheet.row_dimensions[self.at].height = 45.0
        self.at += 1

    def _figures(self, block: Block) -> None:
        self._block(block.heading, block.rows)
        cells = [_put(self.sheet, self.at, 1, _BASE.get(self.lang), self.styles.muted)]
        for column, n in enumerate(block.bases, start=2):
            right = self.styles.right
            cells.append(_put(self.sheet, self.at, column, n, self.styles.muted, align=right))
            cells[-1].number_format = "#,##0"
        for cell in cells:
            cell.border = self.styles.above
        self.at += 1

    def _block(self, heading: str, rows: Sequence[tuple[str, Sequence[Figure | str]]]) -> None:
        if heading:
            self._line(heading, self.styles.bold)
        for label, cells in rows:
            _put(self.sheet, self.at, 1, label, None, align=self.styles.wrap)
            for column, cell in enumerate(cells, start=2):
                made = _put(
                    self.sheet, self.at, column, _value(cell), None, align=self.styles.right
                )
                if isinstance(cell, Figure):
                    made.number_format = _number_format(cell)
            self.at += 1

    def _line(self, text: str, font: Any, *, wrapped: bool = False) -> None:
        align = self.styles.wrap if wrapped else None
        _put(self.sheet, self.at, 1, text, font, align=align)
        if wrapped:
            self.sheet.merge_cells(
                start_row=self.at, end_row=self.at, start_column=1, end_column=self.last
            )
            room = _WIDE + _NARROW * (self.last - 1)
            self.sheet.row_dimensions[self.at].height = 15.0 * (1 + int(len(text) / room))
        self.at += 1


def _value(cell: Figure | str) -> float | str:
    """Return a number with the digits that are printed, and no others behind them."""
    if not isinstance(cell, Figure):
        return cell
    return float(round_half_up(cell.value, cell.decimals + 2 * cell.share))


def _number_format(figure: Figure) -> str:
    """Return a format; separators are those of the reader's system, German ones in Germany."""
    places = f".{'0' * figure.decimals}" if figure.decimals > 0 else ""
    return f"0{places}%" if figure.share else f"#,##0{places}"


def _put(
    sheet: Any, row: int, column: int, value: Any, font: Any, *, fill: Any = None, align: Any = None
) -> Any:
    """Write one cell; texts are never formulas, even if they begin with an equals sign."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        if value:
            cell.value = value
            cell.data_type = "s"
    else:
        cell.value = value
    for name, style in (("font", font), ("fill", fill), ("alignment", align)):
        if style is not None:
            setattr(cell, name, style)
    return cell


def _link(cell: Any, sheet: str) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet}'!A1", display=sheet)


def _page(sheet: Any, title: str, lang: Lang, warning: str) -> None:
    """Print on landscape A4, one page wide, with title and page numbers."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.left.text = title.replace("&", "&&")
    sheet.oddHeader.right.text = warning
    sheet.oddFooter.right.text = _PAGE.get(lang)
