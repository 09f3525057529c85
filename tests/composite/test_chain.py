"""Every method of the catalogue within an index, and states that variants share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.composite.chain import STEPS, prefix_key, run_steps
from begleitforschung.composite.reading import read_figures
from begleitforschung.errors import SpecificationError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.frameworks.index_catalogue import (
    KINDS,
    index_methods,
    method_references,
    step_label,
)

NAMES = tuple("abcdef")
SPEC = IndexSpec(
    id="i",
    indicators=tuple(
        IndicatorSpec(
            id=name,
            parent="left" if number < 3 else "right",
            direction="lower" if name == "b" else "higher",
            goalposts=(-200, 200),
            target=0.01 if name == "b" else 500,
        )
        for number, name in enumerate(NAMES)
    ),
    nodes=(NodeSpec(id="left", parent="i"), NodeSpec(id="right", parent="i"), NodeSpec(id="i")),
    steps=(Step("normalise", "goalposts"), Step("aggregate", "arithmetic")),
)
REQUIRED = {
    "group_mean": {"group": "lage"},
    "group_median": {"group": "lage"},
    "dist2ref": {"unit": "u3"},
    "custom": {"function": lambda x, *_: x},
}
FUNCTIONS = {
    "weight": lambda x: np.ones(x.shape[1]),
    "aggregate": lambda x, w: np.nansum(x * w, axis=1),
}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(7)
    years = []
    for year in (2019, 2020, 2021):
        values = np.exp(rng.normal(2, 1, (12, 6)))
        values[rng.random(values.shape) < 0.05] = np.nan
        part = pd.DataFrame(values, columns=list(NAMES)).assign(year=year)
        part["unit"] = [f"u{number}" for number in range(12)]
        part["lage"] = ["Stadt", "Land"] * 6
        part.loc[3, list(NAMES)] = part[list(NAMES)].median() + 1
        years.append(part)
    return pd.concat(years, ignore_index=True)


def every_method():
    """Yield kind and name of each method that figures are put through."""
    for kind in KINDS:
        for name in index_methods(kind):
            if kind != "custom":
                yield kind, name


def variant(kind, name):
    given = dict(REQUIRED.get(name, {}))
    if name == "custom":
        given["function"] = FUNCTIONS.get(kind, given["function"])
    method = Method(name, **given)
    if kind in ("normalise", "aggregate"):
        spec = SPEC.replace(**{kind: method})
        # A share of the maximum turns around what is better if it is low.
        return spec.with_element("b", direction="higher") if name == "fracmax" else spec
    return SPEC.before("aggregate" if kind == "weight" else "normalise", Step(kind, method))


@pytest.mark.parametrize("years", ["each", "pooled", 2020])
@pytest.mark.parametrize(("kind", "name"), list(every_method()))
def test_every_method_of_the_catalogue_works(frame, kind, name, years):
    spec = variant(kind, name)
    if years == 2020 and name in ("copeland", "borda", "bod") and kind == "aggregate":
        with pytest.raises(bf.errors.CompositeError, match="no base year"):
            bf.compose(frame, spec.replace(years=years))
        return
    result = bf.compose(frame, spec.replace(years=years))
    scores = result.scores()["i"]
    assert scores.notna().all()
    assert scores.nunique() > 1
    assert len(result.summary(2021)) == 12
    assert (result.effective_weights["weight"] >= 0).all()


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k in KINDS for n in index_methods(k)])
def test_every_method_is_described(kind, name):
    entry = index_methods(kind)[name]
    texts = [entry.label, entry.text, step_label(kind), *(p.label for p in entry.parameters)]
    assert all(text.de.strip() and text.en.strip() for text in texts)
    assert entry.text.de.endswith(".")
    assert entry.text.en.endswith(".")
    assert entry.formula
    assert all(item.title for item in method_references(entry))
    for parameter in entry.parameters:
        if parameter.default is not None:
            parameter.typed(parameter.default)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_methods_of_each_kind_are_answered(kind):
    with pytest.raises(SpecificationError, match="there is no method 'unheard'"):
        SPEC.before("normalise", Step(kind, "unheard"))


def test_every_kind_of_step_has_its_function():
    assert set(STEPS) == set(KINDS)


def test_states_are_shared_by_variants_that_differ_later(frame):
    treated = SPEC.before("normalise", Step("treat", "winsorise"))
    scaled = treated.with_step("normalise", factor=10)
    assert prefix_key(treated, 1) == prefix_key(scaled, 1)
    assert prefix_key(treated, 2) != prefix_key(scaled, 2)
    start = read_figures(frame, treated).state
    first, *_ = run_steps(start, treated, 0, 1)
    shared = run_steps(first, scaled, 1)[-1]
    whole = run_steps(start, scaled)[-1]
    np.testing.assert_array_equal(shared.scores, whole.scores)


@pytest.mark.parametrize(
    ("change", "same_until"),
    [
        (lambda s: s.with_weights({"a": 3}), 2),
        (lambda s: s.replace(aggregate="minimum"), 2),
        (lambda s: s.with_element("a", normalise="rank"), 1),
        (lambda s: s.with_element("a", direction="lower"), 0),
        (lambda s: s.with_element("a", treat="log_ct"), 0),
        (lambda s: s.replace(years="pooled"), 0),
        (lambda s: s.without("a"), 0),
    ],
)
def test_a_key_changes_with_what_a_state_depends_on(change, same_until):
    spec = SPEC.before("normalise", Step("treat", "winsorise"))
    other = change(spec)
    same = [prefix_key(spec, n) == prefix_key(other, n) for n in (1, 2, 3)]
    assert same == [n <= same_until for n in (1, 2, 3)]


def test_steps_change_no_state_that_came_before(frame):
    spec = SPEC.before("normalise", Step("impute", "mean"), Step("treat", "winsorise"))
    start = read_figures(frame, spec).state
    kept = start.x.copy(), start.marks.copy()
    states = run_steps(start, spec)
    assert np.array_equal(start.x, kept[0], equal_nan=True)
    assert np.array_equal(start.marks, kept[1])
    assert [state.directed for state in states] == [False, False, True, True]
    assert states[0].scores is None
    assert states[-1].scores.shape == (36, 9)


def test_several_indices_in_one_call(frame):
    specs = [SPEC.replace(id=name, aggregate=name) for name in ("arithmetic", "minimum")]
    found = {one.spec.id: one for one in bf.compose_each(frame, specs, year=2020)}
    assert list(found) == ["arithmetic", "minimum"]
    for spec in specs:
        alone = bf.compose(frame, spec, year=2020)
        pd.testing.assert_frame_equal(found[spec.id].table, alone.table)
