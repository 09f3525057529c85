"""Read each file of ``../shared/data`` that holds one table: ours, a plain engine, checked pandas.

    python benchmarks/compare_readers.py [--rounds 5] [--only TEXT]

Prints a Markdown table of CPU and wall-clock seconds, best of the rounds, all in one process and in
turns. Every reader gives the same figures, long: key as text, column, number; ``-`` is zero, other
signs are missing. Ours besides makes statuses, findings and provenance and validates.

- *engine*: the fastest of PyArrow and Polars (CSV) or python-calamine (XLSX), without any check and
  told beforehand where the header ends. Polars is no dependency; it is measured where it can be
  imported (``PYTHONPATH``).
- *pandas*: ``read_csv`` or ``read_excel`` and the checks that ours makes, written as one usually
  does: checksum, form of keys, numbers, signs, decimal places, statuses, duplicates, categories; of
  GENESIS tables dissolved units, levels without figures and districts that count twice; of open
  data the types of the schema.

Before anything is measured the numbers are compared: each row of the file that ours kept must have
the same sum in all readers, unless ours leaves out columns. Files whose units are found by name
(charging stations, chatbots), workbooks with several tables and files that are refused are left
out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import yaml
from python_calamine import CalamineWorkbook

from begleitforschung import (
    IndicatorTable,
    read_crosswalk,
    read_gemeindeverzeichnis,
    read_indicators,
    read_territorial_changes,
)
from begleitforschung.loaders.declarative import header_of_layout
from begleitforschung.loaders.files import open_raw
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.loaders.layout_files import packaged
from begleitforschung.regions import gazetteer

try:
    import polars as pl
except ImportError:
    pl = None

DATA = Path(__file__).resolve().parents[2] / "shared/data"
MISSING = [".", "/", "x", "...", "", "·", "#DIV/0!"]
KEY = r"(?:DG|(?:0[1-9]|1[0-8])(?:\d|\d{3}|\d{6,7}|\d{8,10})?|\d{7})"
KNOWN = {"DG", *gazetteer()["key"]}
NUMBER = r"[+-]?\d+(?:[.]\d+)?(?:[eE][+-]?\d+)?"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one has to know about a file to read it without looking for anything.

    Rows are counted from 0; ``keys`` and ``values`` are positions of columns.
    """

    path: Path
    ours: Callable[..., Any] = read_indicators
    options: dict[str, object] = field(default_factory=dict)
    delimiter: str = ";"
    encoding: str = "utf-8"
    skip: int = 1
    end: bytes = b""
    width: int = 0
    keys: tuple[int, ...] = (0,)
    values: tuple[int, ...] = ()
    decimal: str = ","
    thousands: str = ""
    sheet: str = ""
    traps: bool = False

    @property
    def names(self) -> list[str]:
        """Names of the columns: their positions."""
        return [f"c{at}" for at in range(self.width)]

    def text(self) -> bytes:
        """Return the rows below the header as bytes of UTF-8."""
        content = self.path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        if self.encoding != "utf-8":
            content = content.decode(self.encoding).encode("utf-8")
        return content[: content.index(self.end) + 1] if self.end else content


# Plain engines --------------------------------------------------------------------------------


def by_arrow(plan: Plan) -> pd.DataFrame:
    """Read a CSV with PyArrow; figures column by column."""
    table = pacsv.read_csv(
        io.BytesIO(plan.text()),
        pacsv.ReadOptions(skip_rows=plan.skip, column_names=plan.names),
        pacsv.ParseOptions(delimiter=plan.delimiter, newlines_in_values=True),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(plan.names, pa.string()),
            include_columns=[f"c{at}" for at in (*plan.keys, *plan.values)],
        ),
    )
    figures = [_arrow_numbers(table[f"c{at}"], plan) for at in plan.values]
    many = len(figures)
    columns = {"row": np.tile(np.arange(table.num_rows), many)}
    for at in plan.keys:
        columns[f"k{at}"] = pa.concat_arrays([table[f"c{at}"].combine_chunks()] * many)
    columns["column"] = np.repeat(np.array(plan.values, np.int16), table.num_rows)
    columns["value"] = pa.chunked_array(figures).combine_chunks()
    return pa.table(columns)


def _arrow_numbers(column: pa.ChunkedArray, plan: Plan) -> pa.Array:
    text = pc.utf8_trim_whitespace(column.combine_chunks())
    text = pc.if_else(pc.equal(text, "-"), "0", text)
    text = pc.if_else(pc.is_in(text, pa.array(MISSING)), None, text)
    if plan.thousands:
        text = pc.replace_substring(text, plan.thousands, "")
    if plan.decimal == ",":
        text = pc.replace_substring(text, ",", ".")
    return pc.cast(text, pa.float64())


def by_polars(plan: Plan) -> Any:
    """Read a CSV with Polars; figures column by column."""
    frame = pl.read_csv(
        plan.text(),
        separator=plan.delimiter,
        skip_lines=plan.skip,
        has_header=False,
        new_columns=plan.names,
        infer_schema=False,
        columns=sorted((*plan.keys, *plan.values)),
        row_index_name="row",
    )
    names = [f"c{at}" for at in plan.values]
    frame = frame.rename(dict(zip(frame.columns[1:], _sorted_names(plan), strict=True)))
    text = pl.col(names).str.strip_chars()
    text = pl.when(text == "-").then(pl.lit("0")).otherwise(text)
    if plan.thousands:
        text = text.str.replace_all(plan.thousands, "", literal=True)
    if plan.decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    frame = frame.with_columns(text.cast(pl.Float64, strict=False).name.keep())
    keys = [f"c{at}" for at in plan.keys]
    return frame.unpivot(names, index=["row", *keys], variable_name="column")


def _sorted_names(plan: Plan) -> list[str]:
    return [f"c{at}" for at in sorted((*plan.keys, *plan.values))]


def by_calamine(plan: Plan) -> pd.DataFrame:
    """Read a worksheet with python-calamine; figures column by column."""
    book = CalamineWorkbook.from_path(str(plan.path))
    rows = book.get_sheet_by_name(plan.sheet).to_python(skip_empty_area=False)[plan.skip :]
    many, columns = len(plan.values), list(zip(*rows, strict=True))
    found: dict[str, Any] = {"row": np.tile(np.arange(len(rows)), many)}
    for at in plan.keys:
        found[f"k{at}"] = pa.array([_key(cell) for cell in columns[at]] * many)
    found["column"] = np.repeat(np.array(plan.values, np.int16), len(rows))
    numbers = [[_number(cell) for cell in columns[at]] for at in plan.values]
    found["value"] = np.array(numbers, np.float64).ravel()
    return pa.table(found)


def _key(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell)


def _number(cell: object) -> float:
    if isinstance(cell, float | int):
        return float(cell)
    try:
        return float(str(cell).replace(",", ".")) if cell != "-" else 0.0
    except ValueError:
        return float("nan")


# pandas with the checks -----------------------------------------------------------------------


def by_pandas(plan: Plan) -> tuple[pd.DataFrame, dict[str, object]]:
    """Read a file with pandas and check what ours checks; return figures and what was found."""
    found: dict[str, object] = {"sha256": hashlib.sha256(plan.path.read_bytes()).hexdigest()}
    frame = _pandas_text(plan).apply(lambda column: column.str.strip())
    frame.insert(0, "row", np.arange(len(frame)))
    keys = [f"c{at}" for at in plan.keys]
    long = frame.melt(["row", *keys], [f"c{at}" for at in plan.values], "column", "text")
    text = long.pop("text")
    status = text.map({"-": "zero", **dict.fromkeys(MISSING, "missing")})
    plain = text.where(status.isna())
    if plan.thousands:
        plain = plain.str.replace(plan.thousands, "", regex=False)
    if plan.decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    bad = plain.notna() & ~plain.str.fullmatch(NUMBER).fillna(False)
    if plan.ours is read_indicators and bad.any():
        marked = plain[bad].str.extract(rf"(\()?({NUMBER})\s*(\))?\s*([prse])?")
        plain[bad], status[bad] = marked[1], "limited"
    long["value"] = pd.to_numeric(plain, errors="coerce").where(status != "zero", 0.0)
    long["status"] = status.fillna("normal").astype("category")
    places = plain.str.partition(".")[2].str.len().fillna(0)
    found["decimals"] = places.groupby(long["column"]).max().to_dict()
    long = long.astype(dict.fromkeys([*keys, "column"], "category"))
    found["malformed"] = frame.loc[~frame[keys[0]].str.fullmatch(KEY), ["row", keys[0]]]
    found["duplicates"] = long[long.duplicated([*keys, "column"], keep=False)]
    found["missing"] = long[~np.isfinite(long["value"]) & (long["status"] == "normal")]
    if plan.traps:
        found["traps"] = _traps(long, keys)
    if plan.path.with_suffix(".md").is_file():
        found["schema"] = _against_schema(frame, plan)
    return long, found


def _traps(long: pd.DataFrame, keys: list[str]) -> dict[str, pd.DataFrame]:
    """Find dissolved units, levels without figures, and districts that count twice."""
    unit, time, dash = long[keys[0]], long[keys[-1]], long["status"] == "zero"
    only = dash.groupby([unit, time], observed=True).transform("all")
    names = unit.cat.categories.tolist()
    own = set(names)
    level = unit.map({name: len(name) for name in names}).astype("int64")
    known = unit.map({name: name in KNOWN for name in names}).astype(bool)
    inner = unit.map({name: len(name) > 5 and name[:5] in own for name in names}).astype(bool)
    per_level = long.assign(level=level, dash=dash, number=long["value"].fillna(0) != 0)
    levels = per_level.groupby(["column", "level"], observed=True)
    return {
        "gone": long[only & ~known],
        "levels": levels.agg({"dash": "all", "number": "any"}),
        "districts": long[inner],
    }


def _against_schema(frame: pd.DataFrame, plan: Plan) -> dict[str, pd.Series]:
    """Find cells that the schema beside a table forbids."""
    text = plan.path.with_suffix(".md").read_text(encoding="utf-8").split("---")[1]
    columns = [item for item in yaml.safe_load(text)["columns"] if "computed" not in item]
    wrong = {}
    for at in plan.values:
        given, kind = frame[f"c{at}"], columns[at]["type"]
        bad = given.eq("") & (not kind.startswith("Optional"))
        if "int" in kind:
            bad |= given.str.fullmatch(r"[+-]?\d+\.\d*[1-9]\d*")
        wrong[columns[at]["name"]] = given[bad]
    return wrong


def _pandas_text(plan: Plan) -> pd.DataFrame:
    used = sorted((*plan.keys, *plan.values))
    if plan.sheet:
        frame = pd.read_excel(
            plan.path,
            sheet_name=plan.sheet,
            engine="calamine",
            header=None,
            skiprows=plan.skip,
            dtype=str,
            keep_default_na=False,
        )
        return frame[used].set_axis([f"c{at}" for at in used], axis=1)
    return pd.read_csv(
        io.BytesIO(plan.text()),
        sep=plan.delimiter,
        header=None,
        names=plan.names,
        usecols=[f"c{at}" for at in used],
        skiprows=plan.skip,
        dtype=str,
        keep_default_na=False,
    )


# Files ----------------------------------------------------------------------------------------


def flat_2025(path: Path) -> Plan:
    """Describe a flat file of GENESIS, layout of 2025: a figure per row."""
    header, first = (line.split(";") for line in _lines(path)[:2])
    keys = [at for at, name in enumerate(header) if name.endswith("_attribute_code")]
    keys.sort(key=lambda at: first[at - 2].strip('"') not in genesis_codes().levels())
    keys += [header.index("value_variable_code"), header.index("time")]
    value = header.index("value")
    english = "_en_" in path.name
    return Plan(
        path=path,
        width=len(header),
        keys=tuple(keys),
        values=(value,),
        decimal="." if english else ",",
        traps=True,
    )


def flat_2024(path: Path) -> Plan:
    """Describe a flat file of GENESIS, layout of 2024."""
    header = _lines(path)[0].split(";")
    keys = [at for at, name in enumerate(header) if name.endswith("_Auspraegung_Code")]
    values = tuple(at for at, name in enumerate(header) if "__" in name)
    keys.append(header.index("Zeit"))
    return Plan(path=path, width=len(header), keys=tuple(keys), values=values, traps=True)


def classic(path: Path) -> Plan:
    """Describe a classic table of GENESIS."""
    encoding = "utf-8" if path.name.endswith("_00.csv") else "cp1252"
    lines = _lines(path, encoding)
    heads = [at for at, line in enumerate(lines) if line.startswith(";;")]
    width = lines[heads[0]].count(";") + 1
    first = 3 if lines[heads[0]].startswith(";;;") else 2
    keys = (1, 0) if first == 3 else (0,)
    return Plan(
        path=path,
        encoding=encoding,
        skip=heads[-1] + 1,
        end=b"\n_____",
        width=width,
        keys=keys,
        values=tuple(range(first, width)),
        traps=True,
    )


def wide(path: Path, **given: Any) -> Plan:
    """Describe a CSV with a key in the first column and figures in all behind some."""
    start = given.pop("start", 1)
    delimiter = given.get("delimiter", ";")
    width = len(pd.read_csv(path, sep=delimiter, nrows=1, encoding=given.get("encoding")).columns)
    return Plan(path=path, width=width, values=tuple(range(start, width)), **given)


def declared(path: Path, name: str, **given: Any) -> Plan:
    """Describe a CSV that a packaged layout describes."""
    layout = packaged()[name]
    header, lines = header_of_layout(open_raw(path, encoding=layout.encoding), layout)
    keys = [header.index(part.column) for part in layout.key]
    keys += [header.index(item.column) for item in layout.dimensions]
    if not isinstance(layout.year, int) and layout.year.column:
        keys.append(header.index(layout.year.column))
    return Plan(
        path=path,
        options={"layout": name},
        delimiter=layout.delimiter,
        encoding=layout.encoding,
        skip=lines,
        width=len(header),
        keys=tuple(keys),
        values=tuple(header.index(str(item.column)) for item in layout.indicators),
        decimal=layout.decimal,
        thousands=layout.thousands,
        **given,
    )


def verzeichnis(path: Path) -> Plan:
    """Describe a Gemeindeverzeichnis: key in four columns, area and population."""
    sheet = CalamineWorkbook.from_path(str(path)).sheet_names[1]
    return Plan(
        path=path,
        ours=read_gemeindeverzeichnis,
        sheet=sheet,
        skip=6,
        keys=(2, 3, 4, 6),
        values=(8, 9, 10, 11, 12),
    )


def _lines(path: Path, encoding: str = "utf-8-sig") -> list[str]:
    return path.read_text(encoding=encoding).split("\n")[:20]


def plans() -> list[Plan]:
    """Return all files that hold one table."""
    genesis, broad, panels = DATA / "genesis", DATA / "breitband", DATA / "panels"
    found = [classic(path) for path in sorted(genesis.glob("classic/*.csv"))]
    found += [flat_2024(path) for path in sorted(genesis.glob("ffcsv_old/*.csv"))]
    found += [flat_2025(path) for path in sorted(genesis.glob("pystatis_cassettes/*.csv"))]
    found.append(wide(DATA / "inkar/inkar_sdg_etc.csv", start=3, skip=2, thousands="."))
    found += [
        wide(broad / "Verf_Gemeinden_atene Mitte 18.csv", decimal="."),
        wide(broad / "gemeinde_bezirke_privat_2021_mitte.csv", delimiter=",", decimal="."),
        wide(broad / "landkreis_privat_2021_1.csv", decimal="."),
    ]
    found.append(declared(DATA / "sectors/PKS_KR-F-01-T01-Kreise-Faelle-HZ_2022.csv", "pks_kreise"))
    found += [
        declared(panels / "zensus2022_gemeinde.csv", "zensus2022_auszug"),
        declared(panels / "inkar_kreis_panel_1995_2022.csv", "gerda_kreise"),
        declared(panels / "gv_gemeinde_panel_1994_2024.csv.gz", "gv_panel"),
        declared(panels / "btw17_strukturdaten.csv", "btw_strukturdaten_2017"),
        declared(panels / "btw21_strukturdaten.csv", "btw_strukturdaten_2021"),
    ]
    krs = broad / "2021_BBA_Kreisdaten.xls"
    header = CalamineWorkbook.from_path(str(krs)).get_sheet_by_index(0).to_python()[0]
    values = tuple(at for at, name in enumerate(header) if re.search(r"_\d+$", str(name)))
    found.append(Plan(path=krs, sheet="krs_geom_tbl", values=values, decimal="."))
    found += [
        Plan(path=path, ours=read_territorial_changes, sheet="Gebietsaenderungen", skip=4, **places)
        for path in sorted((DATA / "territorial").glob("destatis*.xlsx"))
        for places in ({"keys": (0, 2, 3), "values": (6, 7)},)
    ]
    found += [verzeichnis(path) for path in sorted((DATA / "gv").glob("*Auszug*.xlsx"))]
    for name in ("xd20", "xm20"):
        path = DATA / f"territorial/{name}.csv.gz"
        kinds = {"delimiter": ",", "decimal": ".", "ours": read_crosswalk}
        found.append(Plan(path=path, width=6, keys=(1, 5, 0), values=(2, 3, 4), **kinds))
    konstanz = panels / "konstanz_in_zahlen/data"
    for path in sorted(konstanz.glob("**/*.csv")):
        names = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        year = {"unit": "08335043"}
        values = tuple(range(1, len(names)))
        kinds = {"delimiter": ",", "decimal": ".", "options": year}
        found.append(Plan(path=path, width=len(names), values=values, **kinds))
    return found


# Measuring ------------------------------------------------------------------------------------


def same_values(plan: Plan, ours: Any, other: pd.DataFrame) -> str:
    """Say whether each row that ours kept has the same sum in another reader."""
    if not isinstance(ours, IndicatorTable):
        return ""
    data = ours.data[ours.data["value"].notna()]
    if len(ours.data) != ours.data["row"].nunique() * len(plan.values):
        return ""
    mine = data.groupby("row")["value"].sum()
    theirs = other.groupby("row")["value"].sum()
    theirs.index += plan.skip + 1
    both = pd.concat([mine, theirs.reindex(mine.index)], axis=1)
    equal = np.isclose(both.iloc[:, 0], both.iloc[:, 1])
    return "" if equal.all() else f"{int((~equal).sum())} of {len(both)} rows differ"


def frame_of(result: Any) -> pd.DataFrame:
    """Return what a reader gave as a DataFrame."""
    return result[0] if isinstance(result, tuple) else result.to_pandas()


def timed(read: Callable[[], object]) -> tuple[float, float]:
    """Return CPU and wall-clock seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    read()
    return time.process_time() - cpu, time.perf_counter() - wall


def measure(plan: Plan, rounds: int) -> dict[str, tuple[float, float]]:
    """Return best CPU and wall-clock seconds of each reader."""
    readers: dict[str, Callable[[], object]] = {
        "ours": lambda: plan.ours(plan.path, **plan.options),
        "pandas": lambda: by_pandas(plan),
    }
    engines = {"calamine": by_calamine} if plan.sheet else {"arrow": by_arrow}
    if pl is not None and not plan.sheet:
        engines["polars"] = by_polars
    readers |= {name: (lambda engine=engine: engine(plan)) for name, engine in engines.items()}
    results = {name: read() for name, read in readers.items()}
    for name, result in results.items():
        if name != "ours" and (why := same_values(plan, results["ours"], frame_of(result))):
            print(f"  {plan.path.name}, {name}: {why}")
    del results
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            taken[name].append(timed(read))
    return {name: (min(c for c, _ in t), min(w for _, w in t)) for name, t in taken.items()}


def line(name: str, best: dict[str, tuple[float, float]]) -> str:
    """Return one row of the Markdown table, times in milliseconds."""
    cells = [name]
    for at in (0, 1):
        engine = min(set(best) - {"ours", "pandas"}, key=lambda e: best[e][at])
        ours, plain, checked = (best[key][at] * 1000 for key in ("ours", engine, "pandas"))
        cells += [f"{ours:.1f}", f"{plain:.1f} {engine}", f"{checked:.1f}"]
        cells += [f"{ours / plain:.1f}", f"{ours / checked:.2f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    heads = ["ours", "engine", "pandas", "ours/engine", "ours/pandas"]
    columns = [f"{kind} {head}" for kind in ("CPU", "wall") for head in heads]
    print(f"| file | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    small: list[dict[str, tuple[float, float]]] = []
    for plan in plans():
        name = str(plan.path.relative_to(DATA))
        if given.only in name:
            best = measure(plan, given.rounds)
            if "konstanz" in name:
                small.append(best)
            else:
                print(line(f"`{name}`", best), flush=True)
    if small:
        total = {
            key: (sum(b[key][0] for b in small), sum(b[key][1] for b in small)) for key in small[0]
        }
        print(line(f"`panels/konstanz_in_zahlen`, all {len(small)}", total))


if __name__ == "__main__":
    main()
