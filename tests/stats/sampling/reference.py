"""The reference values of R survey 4.5, the designs they were made with, and how to compare."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.stats.sampling import Design, Replicates, replicate_design, sampling_design

FOLDER = Path(__file__).resolve().parents[4] / "shared/reference/survey"
Row = tuple[str, str, str]  # stat, key, quantity
Values = dict[Row, float]


@cache
def results() -> dict[tuple[str, str], dict[Row, float]]:
    """All rows of results.csv by case and design; NaN where R gives none."""
    rows: dict[tuple[str, str], dict[Row, float]] = defaultdict(dict)
    path = FOLDER / "ref/results.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            value = float("nan") if row["value"] in ("NA", "NaN") else float(row["value"])
            rows[row["case"], row["design"]][row["stat"], row["key"], row["quantity"]] = value
    return dict(rows)


def pairs(cases: Mapping[str, object]) -> list[tuple[str, str]]:
    """The cases of a module with each design that results.csv has for them."""
    return [pair for pair in results() if pair[0] in cases]


@cache
def data(name: str) -> pd.DataFrame:
    """One of the inputs; a test that needs it is skipped where the reference is not there."""
    if not FOLDER.is_dir():
        pytest.skip("the folder '../shared' with the reference values is not there")
    frame = pd.read_csv(FOLDER / f"inputs/{name}.csv", keep_default_na=False, na_values=["", "NA"])
    for column in frame.columns:  # R wrote whole numbers with quotation marks here and there
        if frame[column].dtype == object:
            frame[column] = frame[column].astype(str)
    return frame


@cache
def sample(name: str) -> pd.DataFrame:
    """The rows that a design describes."""
    if name.startswith("kommunen"):
        return data("kommunen_sample")
    if name == "mpsc73_resp":
        return data("mpsc73").query("resp == 1").reset_index(drop=True)
    if name in ("nhanes", "mu284", "fpc"):
        return data(name)
    if name == "nhanes_brr":
        two = data("nhanes").groupby("SDMVSTRA")["SDMVPSU"].transform("nunique") == 2
        return data("nhanes")[two].reset_index(drop=True)
    return data("api" + name.split("_", maxsplit=1)[0])


@cache
def design(name: str) -> Design:
    """The design of that name in make_ref.R."""
    d = sample(name)
    if name.startswith("kommunen"):
        return sampling_design(
            d["w"], strata=[d["stratum"]], population=[d["Nh"]], single=name.split("_")[1]
        )
    if name == "mpsc73_resp":
        size = data("mpsc73").groupby("staffel").size()
        n = d.groupby("staffel")["id"].transform("size")
        population = d["staffel"].map(size)
        return sampling_design(population / n, strata=[d["staffel"]], population=[population])
    if name in ("nhanes", "nhanes_brr"):
        return sampling_design(d["WTMEC2YR"], units=[d["SDMVPSU"]], strata=[d["SDMVSTRA"]])
    if name == "mu284":
        return sampling_design(units=[d["id1"], d["id2"]], population=[d["n1"], d["n2"]])
    if name == "fpc":
        return sampling_design(
            d["weight"], units=[d["psuid"]], strata=[d["stratid"]], population=[d["Nh"]]
        )
    kind = name.split("_")[0]
    return sampling_design(
        d["pw"],
        units=[d["dnum"]] if kind == "clus1" else [],
        strata=[d["stype"]] if kind == "strat" else [],
        population=[] if name.endswith("nofpc") else [d["fpc"]],
    )


@cache
def replicated(name: str) -> Replicates:
    """The replicate weights that R made, with the scales of results.csv."""
    meta = results()["rep_meta", name]
    frame = pd.read_csv(FOLDER / f"ref/repweights_{name}.csv")
    factors = frame.drop(columns="base").to_numpy(dtype=float)
    rscales = [meta["svrepdesign", f"r{i + 1}", "rscales"] for i in range(factors.shape[1])]
    return replicate_design(
        frame["base"],
        factors,
        scale=meta["svrepdesign", "", "scale"],
        rscales=rscales,
        df=meta["svrepdesign", "", "degf"],
    )


def standard(
    stat: str, names: list[str], estimates: object, degf: float | None = None, prefix: str = ""
) -> Values:
    """Estimates in the rows that `std` of make_ref.R writes."""
    keys = [prefix + name for name in names]
    out: Values = {}
    lower, upper = estimates.interval(df=np.inf)
    shown = {
        "estimate": estimates.values,
        "se": estimates.se,
        "lower_norm": lower,
        "upper_norm": upper,
    }
    if degf is not None:
        shown["lower_t"], shown["upper_t"] = estimates.interval(df=degf)
        out[stat, keys[0], "degf"] = degf
    for quantity, values in shown.items():
        out |= {(stat, key, quantity): float(v) for key, v in zip(keys, values, strict=True)}
    for i, row in enumerate(keys):
        for j, column in enumerate(keys):
            out[stat, f"{row}|{column}", "cov"] = float(estimates.covariance[i, j])
    return out


def indicators(*labels: object) -> tuple[list[str], np.ndarray]:
    """Columns of 0 and 1, one per label, in the order of the labels; NaN where missing."""
    names, parts = [], []
    for values in labels:
        series = pd.Series(values)
        levels = sorted(series.dropna().unique())
        names += [str(level) for level in levels]
        part = (series.to_numpy()[:, None] == np.array(levels)[None, :]).astype(float)
        part[series.isna().to_numpy()] = np.nan
        parts.append(part)
    return names, np.hstack(parts)


def differences(
    case: str,
    name: str,
    ours: Values,
    *,
    rtol: float = 1e-10,
    atol: float = 0.0,
    named: Collection[tuple[str, str, str, str, str]] = (),
) -> tuple[list[str], int]:
    """Rows that differ from R, and how many rows were compared.

    What R prints as 1e-13 for a standard error of 0 is noise: ours must be as small. A covariance
    is compared relative to the two standard errors, because it may be a difference near 0. Rows
    that are named differ for a reason.
    """
    rows = results()[case, name]
    wrong, compared = [], 0
    for row, value in rows.items():
        if (case, name, *row) in named:
            continue
        if row not in ours:
            wrong.append(f"{row}: R has {value}, we have nothing")
            continue
        compared += 1
        mine = ours[row]
        if np.isnan(value) or np.isnan(mine):
            if not (np.isnan(mine) and np.isnan(value)):
                wrong.append(f"{row}: R {value!r}, we {mine!r}")
        elif abs(mine - value) > max(rtol * abs(value), noise(row, rows, rtol), atol):
            wrong.append(f"{row}: R {value!r}, we {mine!r}, difference {mine - value:.2g}")
    return wrong, compared


def noise(row: Row, rows: Mapping[Row, float], rtol: float) -> float:
    """Absolute difference that rounding explains."""
    stat, key, quantity = row
    if quantity in ("se", "cv", "deff"):
        return 1e-13 * max(1.0, abs(rows.get((stat, key, "estimate"), 1.0)))
    if quantity.startswith(("lower", "upper")):  # an interval that spans 0 may end near it
        return rtol * abs(rows.get((stat, key, "estimate"), 0.0))
    if quantity == "cov":
        one, two = _both(key)
        first, second = rows.get((stat, one, "se"), 0.0), rows.get((stat, two, "se"), 0.0)
        zero = 1e-13 * max(1.0, *(abs(rows.get((stat, k, "estimate"), 0.0)) for k in (one, two)))
        return rtol * first * second + zero * (first + second) + zero**2
    return 0.0


def _both(key: str) -> tuple[str, str]:
    """The two names that are joined by a bar."""
    parts = key.split("|")
    half = len(parts) // 2
    return "|".join(parts[:half]), "|".join(parts[half:])
