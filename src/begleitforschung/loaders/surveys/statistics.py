"""SPSS (``.sav``) and Stata (``.dta``) files with their labels and user-missings."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.errors import MissingDependencyError, SourceFileError
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.surveys.export import Column, Export
from begleitforschung.loaders.surveys.limesurvey_csv import unique_names
from begleitforschung.loaders.surveys.words import clean, words
from begleitforschung.surveys import Code, Codebook, Instrument, Item, MissingRange
from begleitforschung.surveys.codebook import MissingKind

_EXTRA = "begleitforschung[survey]"


@dataclass(frozen=True, slots=True)
class _Set:
    """A multiple-response set: its options are variables with a counted value."""

    id: str
    label: str
    counted: str
    variables: tuple[str, ...]


def is_sav(start: bytes) -> bool:
    """Say whether a file is an SPSS file.

    Parameters
    ----------
    start : bytes
        Its beginning.

    Returns
    -------
    bool
        True for ``.sav`` and ``.zsav``.
    """
    return start.startswith((b"$FL2", b"$FL3"))


def is_stata(start: bytes, suffix: str) -> bool:
    """Say whether a file is a Stata file.

    Parameters
    ----------
    start : bytes
        Its beginning.
    suffix : str
        Its suffix, which decides for old releases.

    Returns
    -------
    bool
        True for ``.dta``.
    """
    return start.startswith(b"<stata_dta>") or (
        suffix.lower() == ".dta" and start[:1] in (b"l", b"n", b"o", b"q", b"r", b"s")
    )


def read_statistics(path: Path, *, stata: bool) -> Export:
    """Read an SPSS or Stata file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    stata : bool
        Whether it is a Stata file.

    Returns
    -------
    Export
        Its cells as codes, with a codebook of labels, user-missings and multiple-response sets.

    Raises
    ------
    MissingDependencyError
        If pyreadstat is not installed.
    SourceFileError
        If the file is damaged.
    """
    frame, meta = _read(path, stata=stata)
    sets = _sets(meta.mr_sets or {}, frame.columns)
    option = {name: group for group in sets for name in group.variables}
    columns, cells = [], {}
    for at, name in enumerate(frame.columns):
        texts = frame[name].map(_text, na_action="ignore")
        if name in option:
            texts = texts.map(_mark(option[name].counted), na_action="ignore")
        cells[at] = texts.astype("str")
        wording = clean(meta.column_names_to_labels.get(name) or "")
        prefix = f"{option[name].id}_" if name in option else ""
        columns.append(Column(str(name), prefix + _name(str(name)), wording))
    named = unique_names(columns)
    items = [*_options(sets, meta), *_items(frame, meta, named, option)]
    return Export(
        format="stata" if stata else "spss",
        file=path.name,
        columns=named,
        cells=pd.DataFrame(cells),
        rows=np.arange(len(frame), dtype=np.int64) + 1,
        codebook=_codebook(path, meta, items, "Stata" if stata else "SPSS"),
    )


def read_raw(path: Path, *, stata: bool) -> tuple[pd.DataFrame, Any]:
    """Read an SPSS or Stata file as it is, dates as numbers.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    stata : bool
        Whether it is a Stata file.

    Returns
    -------
    frame : pandas.DataFrame
        The values.
    meta : object
        What pyreadstat tells of the variables.

    Raises
    ------
    MissingDependencyError
        If pyreadstat is not installed.
    SourceFileError
        If the file is damaged.
    """
    return _read(path, stata=stata, raw_dates=True)


def _read(path: Path, *, stata: bool, raw_dates: bool = False) -> tuple[pd.DataFrame, Any]:
    try:
        import pyreadstat
    except ImportError:
        raise MissingDependencyError(
            f"{path.name}: SPSS and Stata files need the package pyreadstat; install "
            f"'{_EXTRA}', or export the survey as CSV"
        ) from None
    read = pyreadstat.read_dta if stata else pyreadstat.read_sav
    try:
        frame, meta = read(path, user_missing=True, disable_datetime_conversion=raw_dates)
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise SourceFileError(f"{path.name} is damaged or no such file: {error}") from None
    return pd.DataFrame(frame), meta


def _items(
    frame: pd.DataFrame, meta: Any, columns: Iterable[Column], option: Mapping[str, _Set]
) -> Iterable[Item]:
    for column in columns:
        if column.heading not in option:
            yield _item(frame[column.heading], meta, column)


def _item(values: pd.Series, meta: Any, column: Column) -> Item:
    name = column.heading
    single, ranges = _missing_values(meta, name)
    codes = _codes(meta.variable_value_labels.get(name, {}), single, ranges)
    fields: dict[str, Any] = {"id": column.name, "text": Label(de=column.wording or name)}
    missing = tuple(code for code in codes if code.missing is not None)
    present = {_text(value) for value in values.dropna().unique()}
    unlabelled = sorted(present - {code.code for code in codes})
    inside = [code for code in unlabelled if _inside(code, ranges)]
    # With more values unlabelled than labelled it is a number, some of whose values have names.
    if len(unlabelled) - len(inside) <= len(codes) - len(missing) > 0:
        extra = (
            _unlabelled(code, None if code not in inside else "no_answer") for code in unlabelled
        )
        kind = "scale" if meta.variable_measure.get(name) == "ordinal" else "single"
        return Item(kind=kind, codes=(*codes, *extra), **fields)
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or _is_date(values):
        return Item(kind="date", **fields)
    if meta.readstat_variable_types.get(name) != "string" and not _is_time(values):
        return Item(kind="number", codes=missing, missing_ranges=ranges, **fields)
    return Item(kind="text", **fields)


def _unlabelled(code: str, missing: MissingKind | None) -> Code:
    return Code(code=code, label=Label(de=code), missing=missing)


def _codes(
    labels: Mapping[object, str], single: set[str], ranges: tuple[MissingRange, ...]
) -> tuple[Code, ...]:
    found = {}
    for value, label in labels.items():
        code = _text(value)
        declared = code in single or _inside(code, ranges)
        kind = _kind(label) if declared else None
        found[code] = Code(code=code, label=Label(de=clean(label) or code), missing=kind)
    for code in sorted(single - set(found)):
        found[code] = _unlabelled(code, "no_answer")
    return tuple(found.values())


def _kind(label: str) -> MissingKind:
    return words().missing_of(label) or "no_answer"


def _missing_values(meta: Any, name: str) -> tuple[set[str], tuple[MissingRange, ...]]:
    single = {_text(value) for value in meta.missing_user_values.get(name, [])}
    ranges = []
    for given in meta.missing_ranges.get(name, []):
        low, high = given["lo"], given["hi"]
        if low == high:
            single.add(_text(low))
        else:
            ranges.append(MissingRange(low=_finite(low), high=_finite(high)))
    return single, tuple(ranges)


def _inside(code: str, ranges: Iterable[MissingRange]) -> bool:
    if not re.fullmatch(r"-?\d+([.]\d+)?", code):
        return False
    value = float(code)
    return any(
        (given.low is None or value >= given.low) and (given.high is None or value <= given.high)
        for given in ranges
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) and abs(value) < 1e300 else None


def _sets(given: Mapping[str, Mapping[str, Any]], columns: Iterable[str]) -> list[_Set]:
    known = set(columns)
    return [
        _Set(
            _name(name),
            clean(entry.get("label") or name),
            _text(entry["counted_value"]),
            tuple(variable for variable in entry["variable_list"] if variable in known),
        )
        for name, entry in given.items()
        if entry.get("is_dichotomy") and entry.get("counted_value") is not None
    ]


def _options(sets: Iterable[_Set], meta: Any) -> Iterable[Item]:
    for group in sets:
        labels = {name: meta.column_names_to_labels.get(name) or name for name in group.variables}
        codes = [Code(code=_name(n), label=Label(de=clean(text))) for n, text in labels.items()]
        yield Item(id=group.id, kind="multiple", text=Label(de=group.label), codes=tuple(codes))


def _mark(counted: str) -> Callable[[str], str]:
    return lambda text: "1" if text == counted else "0"


def _codebook(path: Path, meta: Any, items: Iterable[Item], software: str) -> Codebook:
    title = clean(meta.file_label or "") or path.stem
    return Codebook(
        id=_name(slug(path.stem)),
        title=Label(de=title),
        instrument=Instrument(software=software),
        items=tuple(items),
    )


def _is_date(values: pd.Series) -> bool:
    return _all_have(values, "year")


def _is_time(values: pd.Series) -> bool:
    return _all_have(values, "minute")


def _all_have(values: pd.Series, name: str) -> bool:
    given = values.dropna() if values.dtype == object else ()
    return len(given) > 0 and all(hasattr(value, name) for value in given)


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip()


def _name(text: str) -> str:
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return plain if re.match(r"[A-Za-z]", plain) else f"q_{plain}".rstrip("_")
