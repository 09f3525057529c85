"""Means, totals, ratios, variances and domains against R survey 4.5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.stats.sampling import (
    Estimates,
    contrast,
    covariance_of,
    design_effects,
    means,
    ratios,
    sampling_design,
    totals,
    variances_of,
)

from .reference import Values, data, design, differences, indicators, pairs, sample, standard

ITEMS = ["api00", "api99", "enroll", "ell", "meals"]


def table(name: str, variables: list[str]) -> np.ndarray:
    return sample(name)[variables].to_numpy(dtype=float)


def mean_num(name: str) -> Values:
    result = means(table(name, ITEMS), design(name), listwise=True)
    return standard("svymean", ITEMS, result, design(name).degrees())


def one_by_one(
    estimator: Callable[..., Estimates], stat: str, variables: list[str], *, degf: bool = True
) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        out: Values = {}
        for variable in variables:
            result = estimator(table(name, [variable]), design(name))
            out |= standard(stat, [variable], result, float(result.df[0]) if degf else None)
        return out

    return compute


def with_deff(
    estimator: Callable[..., Estimates], stat: str, kind: str, variables: list[str], *, types: bool
) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        y, names = table(name, variables), list(variables)
        if types:
            levels, parts = indicators(sample(name)["stype"])
            names += ["stype" + level for level in levels]
            y = np.column_stack([y, parts])
        result = estimator(y, design(name))
        deff = design_effects(y, design(name), result, total=stat == "svytotal", kind=kind)
        out = standard(stat, names, result, design(name).degrees())
        return out | {(stat, key, "deff"): v for key, v in zip(names, deff, strict=True)}

    return compute


def mean_factor(name: str) -> Values:
    d = sample(name)
    first, x = indicators(d["stype"])
    second, y = indicators(d["sch.wide"])
    names = ["stype" + a for a in first] + ["sch.wide" + a for a in second]
    return standard(
        "svymean", names, means(np.hstack([x, y]), design(name)), design(name).degrees()
    )


def mean_interaction(name: str) -> Values:
    d = sample(name)
    names, y = indicators(d["comp.imp"] + "/" + d["stype"])
    keys = ["interaction(stype, comp.imp){1}.{0}".format(*a.split("/")) for a in names]
    return standard("svymean", keys, means(y, design(name)), design(name).degrees())


def total_num(name: str) -> Values:
    result = totals(table(name, ["enroll", "api00"]), design(name), listwise=True)
    return standard("svytotal", ["enroll", "api00"], result, design(name).degrees())


def ratio(name: str) -> Values:
    above, below = ["api.stu", "api00"], ["enroll", "api99"]
    keys = [f"{a}/{b}" for b in below for a in above]
    result = ratios(
        table(name, above * 2),
        table(name, [b for b in below for _ in above]),
        design(name),
        listwise=True,
    )
    return standard("svyratio", keys, result)


def var(name: str) -> Values:
    y = table(name, ["api00", "ell"])
    one = variances_of(y, design(name)).values
    out = {("svyvar", v, "estimate"): one[i] for i, v in enumerate(["api00", "ell"])}
    both = covariance_of(y[:, 0], y[:, 1], design(name))
    return out | {("svyvar", "api00|ell", "estimate"): both}


def var1(name: str) -> Values:
    return standard("svyvar", ["api00"], variances_of(table(name, ["api00"]), design(name)))


def cv(name: str) -> Values:
    result = means(table(name, ["api00", "ell"]), design(name))
    return {
        ("cv", v, "cv"): result.se[i] / result.values[i] for i, v in enumerate(["api00", "ell"])
    }


def mean_na_rm(name: str) -> Values:
    result = means(table(name, ["HI_CHOL"]), design(name))
    return standard("svymean", ["HI_CHOL"], result, float(result.df[0]))


def mean_factor_race(name: str) -> Values:
    d = sample(name)
    first, x = indicators(d["race"])
    second, y = indicators(d["RIAGENDR"])
    names = ["factor(race)" + a for a in first] + ["factor(RIAGENDR)" + a for a in second]
    return standard(
        "svymean", names, means(np.hstack([x, y]), design(name)), design(name).degrees()
    )


def domains(
    estimator: Callable[..., Estimates],
    by: list[str],
    variables: list[str],
    *,
    factor: bool = False,
    prefix: bool = False,
) -> Callable[[str], Values]:
    """All variables in all domains at once, with the covariance between domains."""

    def compute(name: str) -> Values:
        d = sample(name)
        labels = d[by].astype(str).agg(".".join, axis=1).to_numpy()
        groups = sorted(np.unique(labels))
        if factor:
            levels, y = indicators(d[variables[0]])
            names = [variables[0] + level for level in levels]
        else:
            names, y = variables, table(name, variables)
        columns = [(g, j) for j in range(len(names)) for g in groups]
        keys = [f"{g}:{names[j]}" if prefix else g for g, j in columns]
        where = np.column_stack([labels == g for g, _ in columns])
        result = estimator(y[:, [j for _, j in columns]], design(name), where=where)
        return standard("svyby", keys, result, design(name).degrees())

    return compute


def by_ratio(name: str) -> Values:
    groups = sorted(sample(name)["stype"].unique())
    where = np.column_stack([sample(name)["stype"] == g for g in groups])
    above, below = table(name, ["api.stu"] * 3), table(name, ["enroll"] * 3)
    return standard("svyby", groups, ratios(above, below, design(name), where=where))


def degf(variable: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        labels = sample(name)[variable].to_numpy()
        groups = np.unique(labels)
        return {("degf", g, "degf"): design(name).degrees(labels == g) for g in groups}

    return compute


def deff_domain(name: str) -> Values:
    labels, y = sample(name)["stype"].to_numpy(), table(name, ["api00"])
    out: Values = {}
    for group in np.unique(labels):
        inside = labels == group
        result = means(y, design(name), where=inside)
        out["deff", group, "deff"] = design_effects(y, design(name), result, where=inside)[0]
    return out


def contrast_of(kind: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        both = means(table(name, ["api00", "api99"]), design(name))
        a, b = both.values
        if kind == "difference":
            result = contrast(both, [[1, -1]])
        else:
            result = contrast(both, [[1 / b, -a / b**2]], values=[a / b])
        return standard("svycontrast", ["contrast"], result, design(name).degrees())

    return compute


KOM = ["invest", "strategie", *(f"mr{i}" for i in range(1, 7))]


def kom(
    estimator: Callable[..., Estimates], stat: str, variables: list[str]
) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        result = estimator(table(name, variables), design(name), listwise=True)
        return standard(stat, variables, result)

    return compute


def kom_lik_dist(name: str) -> Values:
    levels, y = indicators(sample(name)["lik2"].astype("Int64"))
    return standard("svymean", ["factor(lik2)" + a for a in levels], means(y, design(name)))


def kom_ratio(name: str) -> Values:
    result = ratios(table(name, ["rueckstand"]), table(name, ["einwohner"]), design(name))
    return standard("svyratio", ["rueckstand/einwohner"], result)


def kom_degf(name: str) -> Values:
    return {("degf", "", "degf"): design(name).degrees()}


def with_degf(stat: str, estimator: Callable[..., Estimates], variables: list[str]):
    return lambda name: standard(
        stat, variables, estimator(table(name, variables), design(name)), design(name).degrees()
    )


MPSC = ["lik1", "lik2", "mr1", "mr2", "mr3", "mr4"]
SOME = ["invest", "strategie", "mr1", "mr6", "lik1", "lik2"]
CASES: dict[str, Callable[[str], Values]] = {
    "mean_num": mean_num,
    "mean1": one_by_one(means, "svymean", ITEMS),
    "total1": one_by_one(totals, "svytotal", ITEMS),
    "mean_deff_wor": with_deff(means, "svymean", "wor", ["api00", "ell"], types=False),
    "mean_deff_wr": with_deff(means, "svymean", "replace", ["api00", "ell"], types=False),
    "total_deff": with_deff(totals, "svytotal", "wor", ["api00"], types=True),
    "mean_factor": mean_factor,
    "mean_interaction": mean_interaction,
    "total_num": total_num,
    "ratio": ratio,
    "var": var,
    "var1": var1,
    "cv": cv,
    "mean_na_rm": mean_na_rm,
    "mean_factor_race": mean_factor_race,
    "by_stype_mean": domains(means, ["stype"], ["api00"]),
    "by_2way_mean": domains(means, ["stype", "comp.imp"], ["api00"]),
    "by_stype_mean2": domains(means, ["stype"], ["api99", "api00"], prefix=True),
    "by_stype_total": domains(totals, ["stype"], ["enroll"]),
    "by_stype_factor": domains(means, ["stype"], ["sch.wide"], factor=True, prefix=True),
    "by_stype_ratio": by_ratio,
    "by_race_gender": domains(means, ["race", "RIAGENDR"], ["HI_CHOL"]),
    "degf_domain": degf("stype"),
    "deff_domain": deff_domain,
    "contrast_diff": contrast_of("difference"),
    "contrast_ratio": contrast_of("ratio"),
    "kom_degf": kom_degf,
    "kom_degf_gk": degf("gk"),
    "kom_mean": kom(means, "svymean", KOM),
    "kom_total": kom(totals, "svytotal", ["einwohner", "strategie"]),
    "kom_mean1": one_by_one(means, "svymean", SOME, degf=False),
    "kom_total1": one_by_one(totals, "svytotal", SOME, degf=False),
    "kom_mean_lik": kom(means, "svymean", ["lik2"]),
    "kom_lik_dist": kom_lik_dist,
    "kom_ratio": kom_ratio,
    "kom_by_gk": domains(means, ["gk"], ["strategie", "mr1"], prefix=True),
    "kom_by_gk_adjdom": domains(means, ["gk"], ["strategie"]),
    "kom_by_land": domains(means, ["land"], ["strategie"]),
    "mpsc_mean": with_degf("svymean", means, MPSC),
    "mpsc_by_typ": domains(means, ["typ"], ["mr1", "lik1"], prefix=True),
    "mu284_total": with_degf("svytotal", totals, ["y1"]),
    "mu284_mean": with_degf("svymean", means, ["y1"]),
    "fpc_total": with_degf("svytotal", totals, ["x"]),
    "fpc_mean": with_degf("svymean", means, ["x"]),
}


@pytest.mark.parametrize(("case", "name"), pairs(CASES))
def test_every_row_equals_r(case, name):
    wrong, compared = differences(case, name, CASES[case](name))
    assert not wrong, "\n".join(wrong)
    assert compared


def test_a_domain_is_the_sample_with_zeros_outside():
    d = sample("strat")
    inside = (d["stype"] == "H") | (d["comp.imp"] == "Yes")
    domain = means(d["api00"], design("strat"), where=inside)
    zeros = ratios(
        np.where(inside, d["api00"], 0.0), inside.astype(float), design("strat"), where=None
    )
    np.testing.assert_allclose(domain.covariance, zeros.covariance, rtol=1e-12)
    cut = means(pd.Series(d["api00"]).where(inside), design("strat"))
    np.testing.assert_array_equal(domain.covariance, cut.covariance)


def test_two_stages_of_the_california_schools():
    """Districts, and schools within them: figures that the manual of R survey prints."""
    d = data("apiclus2")
    two = sampling_design(units=[d["dnum"], d["snum"]], population=[d["fpc1"], d["fpc2"]])
    mean, total = means(d["api00"], two), totals(d["enroll"], two)
    assert (round(mean.values[0], 2), round(mean.se[0], 3)) == (670.81, 30.099)
    assert (round(total.values[0]), round(total.se[0])) == (2639273, 799638)
    assert two.degrees() == 39
    np.testing.assert_allclose(two.weights, d["pw"], rtol=1e-6)
