"""The tidy layout of our own: ``unit, year, indicator, value[, status][, date]``."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells, read_rows
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.figures import Decimal, as_status, parse_figures
from begleitforschung.loaders.files import RawFile, known_formats
from begleitforschung.loaders.loaded import (
    Loaded,
    decimal_signs,
    key_problems,
    mixed_decimals,
    number_problems,
)
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised, by_columns
from begleitforschung.tables.status import statuses

REQUIRED = ("unit", "year", "indicator", "value")
OPTIONAL = ("status", "date")
PLACE = ("file", "row")


def recognise_tidy(head: Head) -> Recognised | None:
    """Recognise a tidy table by its columns, in a worksheet that has them.

    Parameters
    ----------
    head : Head
        Beginning of a text, XLSX or Parquet file.

    Returns
    -------
    Recognised or None
        The table; None if there is none.

    Raises
    ------
    SourceFileError
        If several worksheets hold one, or the delimiter is another one.
    """
    if head.raw.kind == "text":
        return by_columns("tidy")(head)
    wanted = set(known_formats().format("tidy").columns)
    fitting = [name for name, header in head.headers.items() if wanted <= set(header)]
    if len(fitting) > 1:
        raise SourceFileError(
            f"{head.raw.name} has several sheets with a tidy table: {', '.join(fitting)}. "
            "Say which: sheet=…"
        )
    return Recognised("tidy", head.headers[fitting[0]], sheet=fitting[0]) if fitting else None


def read_tidy(head: Head, found: Recognised, options: Options | None = None) -> Loaded:
    """Read a tidy CSV, XLSX or Parquet file.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its header, delimiter or sheet.
    options : Options, optional
        ``decimal`` is the decimal sign; else the content decides.

    Returns
    -------
    Loaded
        Rows and findings.

    Raises
    ------
    SourceFileError
        If rows are damaged.
    """
    raw, decimal = head.raw, (options or Options()).decimal
    remarks = _ignored(found.header, raw.name)
    if raw.kind == "parquet":
        return Loaded(tidy=_parquet(raw), findings=tuple(remarks))
    sign: Decimal = decimal or "."
    problems: list[Finding] = []
    if raw.kind == "xlsx":
        rows = head.sheets[found.sheet].to_python(skip_empty_area=False)
        cells = read_rows(rows, raw.name)
    else:
        cells = read_text(raw, found.delimiter, header=found.header)
        sign, problems = _decimal(cells, found.delimiter, decimal)
    unit = cells.column("unit")
    figures = parse_figures(cells.column("value"), decimal=sign)
    if not problems:
        problems = number_problems(cells, "value", figures.bad)
    status, unknown = _statuses(cells, figures.status)
    year, no_year = _years(cells)
    problems += [*key_problems(cells, "unit", unit), *no_year, *unknown]
    tidy = pd.DataFrame({"unit": unit, "year": year, "indicator": cells.column("indicator")})
    tidy["value"], tidy["status"] = figures.value, as_status(status)
    tidy["file"] = pd.Categorical([raw.name]).repeat(len(tidy))
    tidy["row"] = cells.rows
    if "date" in cells.frame:
        days, no_day = _dates(cells)
        tidy["date"] = days
        problems += no_day
    return Loaded(tidy=tidy, findings=tuple(remarks), problems=tuple(problems))


def _ignored(header: Sequence[str], file: str) -> list[Finding]:
    others = [name for name in header if name and name not in (*REQUIRED, *OPTIONAL, *PLACE)]
    if not others:
        return []
    return [
        Finding(
            rule="tidy.columns_ignored",
            severity="info",
            text=Text(
                f"weitere Spalten werden nicht gelesen: {', '.join(others)}",
                f"further columns are not read: {', '.join(others)}",
            ),
            hint=Text(
                "Weitere Merkmale gehören in den Code des Indikators.",
                "Further dimensions belong into the indicator code.",
            ),
            file=file,
            row=1,
        )
    ]


def _parquet(raw: RawFile) -> pd.DataFrame:
    """Read typed columns; rows count from 2, as if the names were row 1."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame = pq.read_table(io.BytesIO(raw.data)).to_pandas()
    except pa.ArrowException as error:
        raise SourceFileError(f"{raw.name} is a damaged Parquet file: {error}") from None
    if frame.empty:
        raise SourceFileError(f"{raw.name} holds columns but no rows")
    kept = [*REQUIRED, *(name for name in (*OPTIONAL, *PLACE) if name in frame)]
    placed = set(PLACE) <= set(kept)
    tidy = frame[kept] if placed else frame[[name for name in kept if name not in PLACE]]
    if not placed:
        file = pd.Categorical([raw.name]).repeat(len(frame))
        tidy = tidy.assign(file=file, row=np.arange(2, len(frame) + 2, dtype=np.int32))
    return pd.DataFrame(tidy)


def _decimal(cells: Cells, delimiter: str, asked: Decimal | None) -> tuple[Decimal, list[Finding]]:
    """Tell the decimal sign by content; refuse what can be read in two ways."""
    values = cells.column("value")
    used = decimal_signs(values)
    if asked is not None:
        return asked, []
    if len(used) > 1:
        return ".", mixed_decimals(cells, "value", used)
    if "," in used and delimiter == ",":
        return ",", _refused(
            cells,
            used[","],
            Text(
                "Dezimalkomma in einer Datei mit Komma als Trennzeichen",
                "decimal comma in a file whose columns are separated by commas",
            ),
            Text(
                "Mit Dezimalpunkt schreiben oder Spalten mit Semikolon trennen.",
                "Write numbers with a decimal point, or separate columns by semicolons.",
            ),
        )
    if "." in used and delimiter == ";" and _all_like_groups(values, used["."]):
        return ".", _refused(
            cells,
            used["."],
            Text(
                "Punkt kann Dezimalpunkt oder Tausenderpunkt sein",
                "the point can be a decimal point or one between thousands",
            ),
            Text(
                "Ist es der Dezimalpunkt: decimal='.' angeben; sonst Tausenderpunkte entfernen.",
                "If it is the decimal point, say decimal='.'; else remove the thousands points.",
            ),
        )
    return "," if "," in used else ".", []


def _all_like_groups(values: pd.Categorical, pointed: NDArray[np.bool_]) -> bool:
    texts = {str(text) for text in values[pointed].remove_unused_categories().categories}
    return all(re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text) for text in texts)


def _refused(cells: Cells, mask: NDArray[np.bool_], text: Text, hint: Text) -> list[Finding]:
    return bad_cells(cells, "value", mask, rule="tidy.decimal_sign", text=text, hint=hint)


def _statuses(cells: Cells, read: NDArray[np.int8]) -> tuple[NDArray[np.int8], list[Finding]]:
    """Let a status that is given go before the one that the value shows."""
    if "status" not in cells.frame:
        return read, []
    given = cells.column("status")
    order = list(statuses())
    codes = [order.index(text) if text in order else -1 for text in map(str, given.categories)]
    blank = np.array([not text for text in given.categories], bool)[given.codes]
    found = np.array(codes, np.int8)[given.codes]
    problems = bad_cells(
        cells,
        "status",
        (found < 0) & ~blank,
        rule="table.status",
        text=Text("unbekannter Status", "unknown status"),
        hint=Text(f"Erlaubt sind: {', '.join(order)}.", f"Known are: {', '.join(order)}."),
    )
    return np.where(found < 0, read, found).astype(np.int8), problems


def _years(cells: Cells) -> tuple[NDArray[np.int16], list[Finding]]:
    given = cells.column("year")
    years = [
        int(text) if re.fullmatch(r"\d{4}", text) else 0 for text in map(str, given.categories)
    ]
    found = np.array(years, np.int16)[given.codes]
    return found, bad_cells(
        cells,
        "year",
        found == 0,
        rule="tidy.year",
        text=Text("kein Jahr", "not a year"),
        hint=Text("Jahr mit vier Ziffern angeben.", "Give the year with four digits."),
    )


def _dates(cells: Cells) -> tuple[NDArray[np.datetime64], list[Finding]]:
    given = cells.column("date")
    days = [_day(str(text)) for text in given.categories.tolist()]
    bad = np.array([day is None for day in days])[given.codes]
    read = np.array([day or "NaT" for day in days], "datetime64[us]")[given.codes]
    return read, bad_cells(
        cells,
        "date",
        bad,
        rule="tidy.date",
        text=Text("kein Datum", "not a date"),
        hint=Text("Datum als 2024-12-31 angeben.", "Give the date as 2024-12-31."),
    )


def _day(text: str) -> str | None:
    """Return an ISO date as it is, "NaT" for empty text and None for anything else."""
    if not text:
        return "NaT"
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else None
    except ValueError:
        return None


READER = Reader(id="tidy", source="tidy", recognise=recognise_tidy, read=read_tidy)
