"""R runs the scripts of `Estimate.to_r` and finds the same figures; skipped where R is not there.

Left out is what R survey 4.1 and 4.5 themselves differ in: the rule ``adjust``, and medians of
domains across clusters (see docs/explanation/does-it-match-r-survey.md).
"""

from __future__ import annotations

import shutil
import subprocess

import pytest

import begleitforschung as bf
from begleitforschung.stats import sampling

from .inputs import apistrat, data, item, kommunen, projects, survey_of

TYPES = {"E": 4421, "H": 755, "M": 1018}
_RSCRIPT = shutil.which("Rscript") or ""


def schools(name, **options):
    frame = data(name)
    numbers = [c for c in frame.columns if c in ("api00", "api99", "enroll", "pw")]
    numbers += [c for c in frame.columns if c.startswith("fpc")]
    items = [item(c, frame[c], "number") for c in numbers]
    items += [item(c, frame[c], "single") for c in ("stype", "dnum", "snum")]
    survey = survey_of(frame, items)
    return survey.with_design(bf.design(survey, **options))


def census(kind="population", **options):
    survey, frame = projects()
    return survey.with_design(bf.design(survey, kind=kind, frame=frame, **options))


def one_stage():
    return schools("apiclus1", psu="dnum", population=["fpc"], weights="pw")


def two_stages():
    return schools("apiclus2", psu=["dnum", "snum"], population=["fpc1", "fpc2"])


def sizes(name):
    return data("kommunen_frame")[name].value_counts().to_dict()


def raked():
    return bf.rake(kommunen(), {"land": sizes("land"), "gk": sizes("gk")})


def calibrated(**options):
    totals = {"gk": sizes("gk"), "einwohner": float(data("kommunen_frame")["einwohner"].sum())}
    return bf.calibrate(kommunen(), totals, **options)


def replicated(made):
    return apistrat().with_design(bf.design(apistrat(), replicates=made))


def jackknifed():
    return replicated(sampling.jackknife(apistrat().design.sample))


def bootstrapped():
    return replicated(sampling.bootstrap(apistrat().design.sample, 40, 1))


CASES = {
    "means": (apistrat, ["api00", "ell"], {"by": "stype"}),
    "totals": (apistrat, "enroll", {"by": "stype", "statistic": "total"}),
    "shares that the strata determine": (apistrat, "stype", {"interval": "mean"}),
    "median": (apistrat, "api00", {"by": "stype", "statistic": "median"}),
    "quantile": (apistrat, "ell", {"statistic": "quantile", "prob": 0.25, "level": 0.9}),
    "ratio": (apistrat, "api00", {"by": "stype", "statistic": "ratio", "denominator": "api99"}),
    "variance": (kommunen, "invest", {"by": "gk", "statistic": "variance"}),
    "standard deviation": (apistrat, "api00", {"by": "stype", "statistic": "sd"}),
    "variance of replicates": (jackknifed, "api00", {"by": "stype", "statistic": "variance"}),
    "deviation of replicates": (jackknifed, "api00", {"by": "stype", "statistic": "sd"}),
    "all answered": (lambda: census(strata="staffel"), "mr", {"by": ["staffel", "typ"]}),
    "take-all strata": (kommunen, ["invest", "rueckstand"], {"by": "gk"}),
    "average": (lambda: kommunen("average"), "invest", {"by": "gk"}),
    "multiple answers": (kommunen, "mr", {"by": "gk"}),
    "shares of answers": (kommunen, "mr", {"by": "gk", "base": "answers"}),
    "shares of residents": (kommunen, "strategie", {"by": "gk", "weight_by": "einwohner"}),
    "filter": (kommunen, "invest", {"by": "land", "where": "strategie == 1"}),
    "full population": (lambda: census(strata="staffel"), ["lik1", "lik2"], {"by": "typ"}),
    "invitation": (lambda: census("invitation"), "mr", {"by": "staffel"}),
    "analytic": (lambda: census(inference="analytic"), "lik1", {"statistic": "mean"}),
    "clusters": (one_stage, ["api00", "enroll"], {"by": "stype"}),
    "two stages": (two_stages, "enroll", {"by": "stype", "statistic": "total"}),
    "post-stratified": (
        lambda: bf.poststratify(one_stage(), "stype", TYPES),
        ["api00", "enroll"],
        {"by": "stype", "statistic": "total"},
    ),
    "raked": (raked, "invest", {"by": "gk"}),
    "raked, trimmed, raked": (
        lambda: bf.rake(bf.trim_weights(raked(), times_median=3), {"gk": sizes("gk")}),
        "invest",
        {"by": "gk"},
    ),
    "regression estimator": (calibrated, ["invest", "einwohner"], {"statistic": "total"}),
    "raking ratio": (lambda: calibrated(distance="raking"), "invest", {"by": "land"}),
    "logit": (lambda: calibrated(distance="logit", bounds=(0.3, 3.0)), "invest", {"by": "gk"}),
    "bounded": (lambda: calibrated(bounds=(0.5, 2.0)), "invest", {"by": "gk"}),
    "jackknife": (jackknifed, "api00", {"by": "stype", "statistic": "median"}),
    "bootstrap": (bootstrapped, ["api00", "enroll"], {"by": "stype", "statistic": "mean"}),
    "calibrated replicates": (
        lambda: bf.poststratify(jackknifed(), "stype", TYPES),
        "api00",
        {"by": "stype"},
    ),
}


@pytest.fixture(scope="module")
def said_by_r(tmp_path_factory):
    """What R says of all scripts, in one run."""
    command = [_RSCRIPT, "--vanilla", "-e", "library(survey)"]
    if not _RSCRIPT or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("R with the package survey is not installed")
    parts = []
    for name, (made, question, options) in CASES.items():
        script = bf.estimate(made(), question, **options).to_r()
        parts.append(f'cat("### {name}\\n")\n{script}')
    path = tmp_path_factory.mktemp("r") / "all.R"
    path.write_text("".join(parts), encoding="utf-8")
    run = subprocess.run(
        [_RSCRIPT, "--vanilla", str(path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    said = run.stdout.split("### ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in said}


@pytest.mark.parametrize("name", CASES)
def test_r_finds_the_same_figures(said_by_r, name):
    lines = said_by_r[name].splitlines()
    rows = [line for line in lines if line.startswith(("same", "DIFFERENT"))]
    assert rows
    assert not [line for line in rows if line.startswith("DIFFERENT")]
    assert lines[-1] == f"{len(rows)} of {len(rows)} rows agree"


def test_r_says_which_figure_differs(said_by_r, tmp_path):
    assert said_by_r
    script = bf.estimate(apistrat(), "api00").to_r()
    estimate = repr(float(bf.estimate(apistrat(), "api00").table["estimate"][0]))
    path = tmp_path / "wrong.R"
    path.write_text(script.replace(f"c({estimate},", "c(662.2,"), encoding="utf-8")
    run = subprocess.run(
        [_RSCRIPT, "--vanilla", str(path)], capture_output=True, text=True, check=True
    )
    assert "DIFFERENT | api00" in run.stdout
    assert "0 of 1 rows agree" in run.stdout
