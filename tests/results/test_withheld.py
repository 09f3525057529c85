"""What of an estimate is withheld though something of it is shown, rule by rule."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.results import estimate_secrecy as secrecy
from begleitforschung.results.population import population_texts

SHOWN = {
    "statistic": "share", "column": "q", "category": "1", "by": "", "domain": "", "estimate": 0.3,
    "low": 0.2, "high": 0.4, "method": "wilson_kish", "n": 40, "count": 12, "count_low": np.nan,
    "count_high": np.nan, "worst_low": 0.1, "worst_high": 0.8, "suppressed": "",
}  # fmt: skip
RULES = ("share", "interval", "counts", "extremes")


def result(*rows: dict[str, Any], kind: str | None = "population", protected: bool = True) -> Any:
    return SimpleNamespace(
        protection="by a policy" if protected else None,
        design=None if kind is None else SimpleNamespace(kind=kind),
        min_n=10,
        table=pd.DataFrame(rows),
        rows=lambda: list(rows),
    )


def withheld(of: Any) -> set[str]:
    """Return which rules withhold something of the first row."""
    return {rule for rule in RULES if getattr(secrecy, f"withholds_{rule}")(of, of.rows()[0])}


@pytest.mark.parametrize(
    ("more", "kind", "found"),
    [
        ({}, "population", set()),
        ({"estimate": np.nan}, "population", {"share"}),
        ({"estimate": np.nan, "count": pd.NA}, "population", set()),
        ({"low": np.nan}, "population", {"interval"}),
        ({"high": np.nan}, "sample", {"interval"}),
        ({"low": np.nan}, None, set()),
        ({"low": np.nan, "method": "complete"}, "population", set()),
        ({"low": np.nan, "n": 9}, "population", set()),
        ({"low": np.nan, "n": 1, "statistic": "mean"}, "population", {"interval"}),
        ({"low": np.nan, "n": 0, "statistic": "mean"}, "population", set()),
        ({"method": "hypergeometric"}, "population", {"counts"}),
        ({"method": "hypergeometric", "count_low": 5.0}, "population", set()),
        ({"worst_low": np.nan}, "population", set()),
        ({"worst_low": np.nan}, "invitation", {"extremes"}),
        ({"worst_low": np.nan, "statistic": "mean"}, "invitation", set()),
        ({"worst_low": np.nan, "n": 9}, "invitation", set()),
    ],
)
def test_each_figure_is_withheld_by_its_own_rule(
    more: dict[str, Any], kind: str | None, found: set[str]
) -> None:
    row = SHOWN | more
    assert withheld(result(row, kind=kind)) == found
    assert secrecy.hides(result(row, kind=kind)) is bool(found)
    # Nothing is withheld of what was never protected, it is only not known.
    assert withheld(result(row, kind=kind, protected=False)) == set()


@pytest.mark.parametrize("why", ["primary", "secondary"])
def test_of_a_suppressed_row_nothing_more_is_withheld(why: str) -> None:
    row = SHOWN | {"suppressed": why, "estimate": np.nan, "low": np.nan, "count": pd.NA}
    assert withheld(result(row, kind="invitation")) == set()
    assert secrecy.hides(result(SHOWN, row))
    assert not secrecy.hides(result(SHOWN, SHOWN))


def test_a_small_count_that_is_missing_is_hidden() -> None:
    assert secrecy.hides(result(SHOWN | {"n": 9, "count": pd.NA}))
    assert not secrecy.hides(result(SHOWN | {"n": 0, "count": pd.NA, "estimate": np.nan}))


def test_cells_are_named_by_place_and_never_by_figure() -> None:
    group = SHOWN | {"by": "land", "domain": "08", "category": "ja/nein"}
    number = SHOWN | {"statistic": "mean", "category": "", "estimate": 77.7}
    assert secrecy.places(result(SHOWN)) == ": 1 cells, q (share, answer '1')"
    assert secrecy.places(result(group, number)) == (
        ": 2 cells, q (share, answer 'ja/nein', land = '08'); q (mean)"
    )
    many = secrecy.places(result(*[SHOWN] * 4))
    assert many.startswith(": 4 cells, ")
    assert many.endswith("; q (share, answer '1'), …")
    assert "77" not in secrecy.places(result(number))


# Where counts of the population come from -------------------------------------------------------


def designed(*nodes: Provenance) -> Any:
    return SimpleNamespace(inputs=nodes)


MARGINS = Provenance.of("margins", year=2024, gebietsstand="2024-12-31", census="2022")
FRAME = Provenance.of("municipal_frame", units=1234, smallest=5000, gebietsstand="2024-12-31")


def test_counts_of_a_population_are_dated() -> None:
    assert population_texts(designed(MARGINS)) == (
        Text(
            "Zahlen der Grundgesamtheit: Gemeinden und Einwohner 2024, Gebietsstand 2024-12-31, "
            "Zensusbasis: 2022.",
            "Figures of the population: municipalities and residents of 2024, territorial state "
            "2024-12-31, census base: 2022.",
        ),
    )
    (frame,) = population_texts(designed(FRAME))
    assert frame.de == (
        "Grundgesamtheit: 1.234 Gemeinden ab 5.000 Einwohnern, Gebietsstand 2024-12-31."
    )
    assert "1,234 municipalities of at least 5,000 residents" in frame.en


def test_the_same_source_is_told_once_however_deep_it_lies() -> None:
    deep = MARGINS.then("rake", n=3).then("trim")
    assert population_texts(designed(deep, MARGINS, FRAME)) == population_texts(
        designed(MARGINS, FRAME)
    )
    assert population_texts(designed(Provenance.of("read_survey"))) == ()
    assert population_texts(designed(Provenance.of("margins", count="x"))) == ()
    assert population_texts(designed()) == ()
