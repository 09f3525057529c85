"""Cross tables and tests of independence against R survey 4.5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.stats.sampling import (
    cmh_test,
    fisher_test,
    independence,
    labels_to_codes,
    pearson_test,
    sampling_design,
    table,
)
from begleitforschung.stats.sampling.saddlepoint import (
    ratio_tail,
    saddlepoint_tail,
    satterthwaite_tail,
)
from begleitforschung.stats.sampling.testing import f_test

from .reference import Values, data, design, differences, pairs, replicated, results, sample

PAIRS = ["~sch.wide+stype", "~comp.imp+awards", "~comp.imp+sch.wide", "~stype+api00c"]
NHANES = ["~HI_CHOL+race", "~HI_CHOL+agecat"]


def codes(name: str, variable: str) -> np.ndarray:
    if variable == "api00c":
        return np.searchsorted([600, 700], sample(name)["api00"])
    values = sample(name)[variable]
    found = np.full(len(values), -1)
    found[values.notna()] = labels_to_codes(values[values.notna()])
    return found


def weighted(kind: str) -> Callable[[str], Values]:
    quantity = "p" if kind == "p" else "N"

    def compute(name: str) -> Values:
        counts = table(codes(name, "stype"), codes(name, "sch.wide"), design(name))
        if kind == "p":
            counts = counts / counts.sum()
        if kind == "round":
            counts = np.round(counts)
        levels = [(i, a, j, b) for i, a in enumerate("EHM") for j, b in enumerate(("No", "Yes"))]
        return {("svytable", f"{a}|{b}", quantity): counts[i, j] for i, a, j, b in levels}

    return compute


def chisq(statistic: str) -> Callable[[str], Values]:
    ours = {"lincom": "saddlepoint"}.get(statistic, statistic)

    def compute(name: str) -> Values:
        out: Values = {}
        for formula in NHANES if name == "nhanes" else PAIRS:
            rows, columns = (codes(name, v) for v in formula.removeprefix("~").split("+"))
            test = independence(rows, columns, design(name), statistic=ours, size=len(sample(name)))
            values = {"statistic": test.statistic, "p": test.p, "param_df": test.df}
            values |= {"param_ndf": test.df, "param_ddf": test.ddf}
            values |= {"param_ndf.df": test.df, "param_ddf.ddf": test.ddf}
            out |= {("svychisq", formula, k): v for k, v in values.items()}
        return out

    return compute


def wls_score(name: str) -> Values:
    """R divides the chi-square of the score test by the squared number of rows of the table."""
    out: Values = {}
    for formula in NHANES if name == "nhanes" else PAIRS:
        rows, columns = (codes(name, v) for v in formula.removeprefix("~").split("+"))
        test = independence(rows, columns, design(name), statistic="score")
        as_r = f_test("R", test.statistic * test.df / (rows.max() + 1) ** 2, test.df, test.ddf)
        values = {"statistic": as_r.statistic, "p": as_r.p}
        values |= {"param_ndf.df": test.df, "param_ddf.ddf": test.ddf}
        out |= {("svychisq", formula, k): v for k, v in values.items()}
    return out


def counts(rows: str, columns: str, name: str = "quine") -> np.ndarray:
    return pd.crosstab(data(name)[rows], data(name)[columns]).to_numpy()


def unweighted(case: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        if case == "chisq_pearson":
            hair = data("HairEyeColor").pivot_table("Freq", "Hair", "Eye", aggfunc="sum")
            tests = {
                "Hair x Eye": pearson_test(hair),
                "quine Eth x Age": pearson_test(counts("Eth", "Age")),
            }
        elif case == "chisq_yates":
            tests = {"quine Sex x Lrn": pearson_test(counts("Sex", "Lrn"), yates=True)}
        elif case == "fisher":
            tests = {
                f"quine {a} x {b}": fisher_test(counts(a, b))
                for a, b in (("Eth", "Age"), ("Sex", "Lrn"))
            }
        else:
            by = data("UCBAdmissions").set_index(["Dept", "Admit", "Gender"])["Freq"]
            tests = {"UCB": cmh_test(by.unstack(["Admit", "Gender"]).to_numpy().reshape(-1, 2, 2))}
        return {
            ("htest", key, quantity): getattr(test, quantity)
            for key, test in tests.items()
            for quantity in ("statistic", "df", "p")
        }

    return compute


def second_order(rows: str, columns: str, key: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        source = name.split("_")[0] if name.startswith(("srs", "strat", "clus")) else name
        d = design(name) if source == name else replicated(name)
        test = independence(codes(source, rows), codes(source, columns), d)
        values = {"F": test.statistic, "p": test.p, "ndf": test.df, "ddf": test.ddf}
        return {("svychisq", key, quantity): value for quantity, value in values.items()}

    return compute


CASES: dict[str, Callable[[str], Values]] = {
    "table": weighted("N"),
    "table_p": weighted("p"),
    "table_round": weighted("round"),
    **{f"chisq_{s}": chisq(s) for s in ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")},
    "chisq_wls-score": wls_score,
    **{case: unweighted(case) for case in ("chisq_pearson", "chisq_yates", "fisher", "cmh")},
    "kom_chisq": second_order("strategie", "gk", "strategie+gk"),
    "mpsc_chisq": second_order("mr1", "typ", "mr1+typ"),
    "rep_chisq": second_order("comp.imp", "stype", "comp.imp+stype"),
}


# R's root finder leaves the saddlepoint within 1e-8.
TOLERANCE = {"chisq_lincom": 1e-7, "chisq_saddlepoint": 1e-7}
# Here the degrees of freedom are 398 and R cuts 397.9999999999999 down to 397.
TRUNCATED = {
    (case, "srs", "svychisq", "~sch.wide+stype", "p")
    for case in ("chisq_lincom", "chisq_saddlepoint")
}
# R stops with an error at missing values; we leave them out.
STOPPED = {("chisq_wls-score", "nhanes", "svychisq", formula, "error") for formula in NHANES}
NAMED = TRUNCATED | STOPPED


@pytest.mark.parametrize(
    ("case", "name"), [p for p in pairs(CASES) if p != ("chisq_wls-score", "nhanes")]
)
def test_every_row_equals_r(case, name):
    rtol = TOLERANCE.get(case, 1e-10)
    wrong, compared = differences(case, name, CASES[case](name), rtol=rtol, named=NAMED)
    assert not wrong, "\n".join(wrong)
    assert compared


def test_score_test_leaves_missing_values_out():
    assert {(*r,) for r in results()["chisq_wls-score", "nhanes"]} == {row[2:] for row in STOPPED}
    for formula in NHANES:
        rows, columns = (codes("nhanes", v) for v in formula.removeprefix("~").split("+"))
        kept = (rows >= 0) & (columns >= 0)
        score = independence(rows, columns, design("nhanes"), statistic="score")
        wald = independence(rows, columns, design("nhanes"), statistic="adjWald")
        masked = independence(rows, columns, design("nhanes"), statistic="score", where=kept)
        assert (score.statistic, score.p) == (masked.statistic, masked.p)
        assert (score.p < 0.05) == (wald.p < 0.05)


def test_where_r_truncates_the_degrees_of_freedom():
    rows, columns = codes("srs", "sch.wide"), codes("srs", "stype")
    test = independence(rows, columns, design("srs"), statistic="saddlepoint")
    second = independence(rows, columns, design("srs"))
    assert second.ddf == pytest.approx(398)
    first = test.statistic / second.statistic / 2  # both eigenvalues are the same
    terms = np.array([first, first, -test.statistic / 398])
    theirs = results()["chisq_saddlepoint", "srs"]["svychisq", "~sch.wide+stype", "p"]
    cut = saddlepoint_tail(0.0, terms, np.array([1, 1, 397]))
    assert cut == pytest.approx(theirs, rel=1e-7)
    assert saddlepoint_tail(0.0, terms, np.array([1, 1, 398])) == pytest.approx(test.p, rel=1e-9)


@pytest.mark.parametrize("statistic", ["F", "Chisq", "saddlepoint", "Wald", "adjWald", "score"])
def test_rows_and_columns_may_change_places(statistic):
    rows, columns = codes("clus1", "stype"), codes("clus1", "api00c")
    one = independence(rows, columns, design("clus1"), statistic=statistic)
    two = independence(columns, rows, design("clus1"), statistic=statistic)
    renamed = independence(7 - rows, columns * 3, design("clus1"), statistic=statistic)
    for other in (two, renamed):
        assert other.statistic == pytest.approx(one.statistic, rel=1e-9)
        assert other.p == pytest.approx(one.p, rel=1e-9)
    assert 0 < one.p < 1


def test_simple_random_sample_gives_pearson():
    rng = np.random.default_rng(5)
    rows, columns = rng.integers(0, 3, 400), rng.integers(0, 2, 400)
    ours = independence(rows, columns, sampling_design(np.ones(400)), statistic="Chisq")
    plain = pearson_test(table(rows, columns, sampling_design(np.ones(400))))
    assert ours.statistic == pytest.approx(plain.statistic)
    assert ours.p == pytest.approx(plain.p, rel=0.2)


def test_a_table_of_one_row_has_no_test():
    test = independence([0, 0, 0], [0, 1, 0], sampling_design([1, 1, 1]))
    assert np.isnan(test.p)
    with pytest.raises(ValueError, match="statistic"):
        independence([0, 1], [0, 1], sampling_design([1, 1]), statistic="G")
    with pytest.raises(ValueError, match="codes"):
        table([0], [0, 1], sampling_design([1, 1]))


@pytest.mark.parametrize("statistic", ["Wald", "score"])
def test_too_few_units_for_a_wald_test_are_an_error(statistic):
    d = sampling_design(np.ones(12), units=[np.repeat([0, 1], 6)])
    with pytest.raises(ValueError, match="too few units"):
        independence(np.arange(12) % 3, np.arange(12) % 4, d, statistic=statistic)


def test_tail_of_one_chi_square_is_that_of_f():
    for x in (0.5, 2.0, 9.0):
        exact = satterthwaite_tail(x, np.array([1.0]), 40.0)
        assert exact == pytest.approx(f_test("F", x, 1, 40).p)
        assert ratio_tail(x, np.array([1.0]), 40.0) == pytest.approx(exact, rel=0.1)


def fisher_by_hand(n: np.ndarray) -> float:
    """All tables of two rows with the same margins."""
    from itertools import product
    from math import comb

    columns, first = n.sum(axis=0), n[0].sum()
    ways = {
        cells: np.prod([float(comb(c, k)) for c, k in zip(columns, cells, strict=True)])
        for cells in product(*(range(c + 1) for c in columns))
        if sum(cells) == first
    }
    here = ways[tuple(n[0])]
    return sum(w for w in ways.values() if w <= here * (1 + 1e-7)) / sum(ways.values())


def test_fisher_equals_enumeration():
    rng = np.random.default_rng(4)
    for _ in range(20):
        n = rng.integers(0, 6, (2, rng.integers(2, 5))) + np.eye(2, 1, dtype=int)
        n[1] += 1
        kept = n[:, n.sum(axis=0) > 0]
        if kept.shape[1] > 1:
            assert fisher_test(n).p == pytest.approx(fisher_by_hand(kept), rel=1e-9)
    three = [[2, 0, 1], [0, 3, 1], [1, 1, 4]]
    assert fisher_test(three).p == pytest.approx(fisher_test(np.transpose(three)).p, rel=1e-9)
    assert fisher_test(np.diag([1, 1, 1])).p == pytest.approx(1.0)


def test_plain_tables_that_cannot_be_tested_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="two rows"):
        pearson_test([[1, 2], [0, 0]])
    with pytest.raises(ValueError, match="whole numbers"):
        fisher_test([[1.5, 2], [1, 1]])
    monkeypatch.setattr("begleitforschung.stats.sampling.unweighted._NODES", 1000)
    with pytest.raises(ValueError, match="too large"):
        fisher_test(np.full((5, 6), 40))
    with pytest.raises(ValueError, match="two rows and two columns"):
        cmh_test([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="both rows"):
        cmh_test([[[1, 2], [0, 0]]])
