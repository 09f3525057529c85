"""Reads a selection out of what `begleitforschung.loaders.convert_inkar` wrote."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, SourceFileError, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.loaders.convert import FORMAT
from begleitforschung.loaders.files import CONVERTED
from begleitforschung.loaders.inkar_long import (
    MALFORMED_KEY,
    about,
    official_key,
    official_levels,
    one_bereich,
)
from begleitforschung.loaders.sidecar import no_sidecar
from begleitforschung.provenance import Provenance, Source
from begleitforschung.regions import Level
from begleitforschung.regions.grammar import LEVEL_OF_LENGTH
from begleitforschung.tables import Indicator, IndicatorTable, assemble

_AGAIN = "Convert the file again; converted files are never edited."


def read_converted(
    folder: str | os.PathLike[str],
    *,
    indicators: str | Iterable[str] | None = None,
    units: str | Iterable[str] | None = None,
    years: int | Iterable[int] | None = None,
    level: Level | None = None,
    bereich: str | None = None,
) -> IndicatorTable:
    """Read a selection of a converted INKAR file without loading the rest.

    Parameters
    ----------
    folder : str or path
        What `convert_inkar` wrote.
    indicators : str or iterable of str, optional
        M_IDs; without them all are read.
    units : str or iterable of str, optional
        Keys.
    years : int or iterable of int, optional
        Years.
    level : Level, optional
        Level of the units, e.g. ``"gemeinde"``.
    bereich : str, optional
        The only Bereich to read.

    Returns
    -------
    IndicatorTable
        The figures with their rows in the CSV.

    Raises
    ------
    SourceFileError
        If the folder is no conversion, or a file in it is missing or was changed.
    UnknownCodeError
        If an indicator or `bereich` is unknown.
    ValidationError
        If nothing is selected, or figures of several Bereiche differ.

    Examples
    --------
    With a file of your own::

        read_converted("data/processed/inkar_2025", indicators="12")
    """
    place = Path(folder)
    meta = _meta(place)
    known = {item["id"]: item for item in meta["indicators"]}
    chosen = _texts(indicators) if indicators is not None else list(known)
    for name in chosen:
        if name not in known:
            raise UnknownCodeError(name, known, "indicators in the folder")
    span = None if years is None else [years] if isinstance(years, int) else list(years)
    wanted = None if units is None else set(_texts(units))
    file = str(meta["source"]["file"])
    parts, left_out = [], 0
    for name in chosen:
        for part in known[name]["parts"]:
            found, others = _select(_part(place, part), span, level)
            names = pa.DictionaryArray.from_arrays(np.zeros(len(found), np.int32), [name])
            parts.append(found.append_column("indicator", names))
            left_out += others
    tidy = _tidy(pa.concat_tables(parts), wanted)
    if tidy.empty:
        raise ValidationError(f"{place}: no figure fits the selection; ask for more")
    tidy, problems, merged = one_bereich(tidy, bereich, file=file)
    if problems:
        raise ValidationError(f"{file} says different things:", findings=problems)
    asked: dict[str, Any] = {"indicators": None if indicators is None else chosen, "years": span}
    asked |= {"units": sorted(wanted) if wanted else None, "level": level, "bereich": bereich}
    return _table(tidy, meta, left_out, asked, merged)


def _texts(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _meta(folder: Path) -> dict[str, Any]:
    path = folder / CONVERTED
    try:
        content: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"))
        if content["format"] == FORMAT and content["indicators"] and content["source"]["file"]:
            return content
    except FileNotFoundError:
        raise SourceFileError(
            f"{folder} is no converted INKAR file: it holds no {CONVERTED}. Make it with "
            "'begleitforschung convert FILE --to FOLDER'."
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise SourceFileError(f"{path} is damaged. {_AGAIN}")


def _part(folder: Path, part: dict[str, Any]) -> pa.Table:
    path = folder / str(part["file"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceFileError(f"{path} can't be read: {error.strerror}. {_AGAIN}") from None
    if hashlib.sha256(content).hexdigest() != part["sha256"]:
        raise SourceFileError(f"{path} was changed. {_AGAIN}")
    return pq.read_table(io.BytesIO(content))


def _select(
    rows: pa.Table, years: Sequence[int] | None, level: Level | None
) -> tuple[pa.Table, int]:
    """Return the rows of a part that are asked for, and how many have no official key or year."""
    digits = official_levels()
    asked = {n for n, d in digits.items() if level in (None, LEVEL_OF_LENGTH.get(d, "germany"))}
    times = None if years is None else {str(year) for year in years}
    where, time = _coded(rows, "raumbezug"), _coded(rows, "zeitbezug")
    known = where.fitting(digits.__contains__) & time.fitting(_is_year)
    kept = known & where.fitting(asked.__contains__)
    if times is not None:
        kept &= time.fitting(times.__contains__)
    return rows.filter(pa.array(kept)), int((~known).sum())


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d{2}", text))


def _tidy(rows: pa.Table, units: set[str] | None) -> pd.DataFrame:
    """Return rows with official keys; a malformed key is empty text, to be refused."""
    rows = rows.unify_dictionaries().combine_chunks()
    where, key, time = (_coded(rows, name) for name in ("raumbezug", "kennziffer", "zeitbezug"))
    n = len(key.texts)
    codes, pairs = pd.factorize(where.codes.astype(np.int64) * n + key.codes)
    keys = [official_key(where.texts[at // n], key.texts[at % n]) or "" for at in pairs]
    merged, categories = pd.factorize(np.array(keys, object))
    years = np.array([int(text) if _is_year(text) else 0 for text in time.texts], np.int16)
    names = ("status", "bereich", "indicator")
    tidy = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(
                merged[codes], categories=pd.Index(categories, dtype="str")
            ),
            "year": years[time.codes],
            "value": rows["value"].to_numpy(),
            "row": rows["row"].to_numpy(),
            **{name: _coded(rows, name).categorical() for name in names},
        }
    )
    if units is None:
        return tidy
    wanted = np.array([not text or text in units for text in categories], bool)
    return tidy[wanted[tidy["unit"].cat.codes]].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _Coded:
    """A column of few different texts."""

    codes: NDArray[np.int32]
    texts: list[str]

    def fitting(self, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Say which rows fit; every different text is tested once."""
        return np.array([test(text) for text in self.texts], bool)[self.codes]

    def categorical(self) -> pd.Categorical:
        """Return the column for a table."""
        return pd.Categorical.from_codes(self.codes, categories=pd.Index(self.texts, dtype="str"))


def _coded(rows: pa.Table, name: str) -> _Coded:
    column = rows[name].unify_dictionaries().combine_chunks()
    part = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    return _Coded(part.indices.to_numpy(), part.dictionary.to_pylist())


def _table(
    tidy: pd.DataFrame,
    meta: dict[str, Any],
    left_out: int,
    asked: dict[str, Any],
    merged: Sequence[Finding],
) -> IndicatorTable:
    source = Source(**meta["source"])
    bad = tidy.loc[tidy["unit"] == "", "row"]
    if len(bad):
        raise ValidationError(
            f"{source.file} has keys that do not fit their Raumbezug:",
            findings=[about(source.file, "inkar.key", "error", bad.to_numpy(), *MALFORMED_KEY)],
        )
    titles = {
        item["id"]: Indicator(id=item["id"], title=Label(de=item["title"]))
        for item in meta["indicators"]
    }
    titles |= {item["id"]: Indicator.model_validate(item) for item in meta["meanings"]}
    findings = list(merged)
    if not meta["sidecar"]:
        findings.append(no_sidecar(source.file, "inkar"))
    if left_out:
        rows = np.zeros(0, np.int32)
        findings.append(
            replace(about(source.file, "inkar.left_out", "info", rows, *_LEFT), n=left_out)
        )
    tidy["file"] = pd.Categorical([source.file]).repeat(len(tidy))
    return assemble(
        tidy.drop(columns="bereich"),
        indicators=titles.values(),
        gebietsstand=source.gebietsstand,
        provenance=Provenance.of(
            "read_converted",
            source,
            **{name: value for name, value in asked.items() if value is not None},
        ),
        findings=findings,
    )


_LEFT = (
    Text(
        "Zeilen ohne amtlichen Schlüssel oder Jahr wurden weggelassen",
        "rows without an official key or a year were left out",
    ),
    Text("Nichts zu tun, wenn sie nicht gebraucht werden.", "Nothing to do, unless you need them."),
)
