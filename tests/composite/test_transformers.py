"""Transformers: scikit-learn's own checks, and the same numbers as compose."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

from begleitforschung.composite import compose
from begleitforschung.composite.transformers import (
    Aggregator,
    CompositeIndex,
    IndexImputer,
    Normaliser,
    OutlierTreater,
)
from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

CHECKED = [
    IndexImputer(),
    IndexImputer("row_mean"),
    IndexImputer("knn"),
    OutlierTreater(),
    OutlierTreater(Method("log_ct", always=True)),
    Normaliser(),
    Normaliser("percentile_rank"),
    Aggregator(),
    Aggregator("topsis"),
    CompositeIndex(),
    Aggregator(weighting="critic"),
]


def sklearn_checks() -> list:
    """Return all checks but that of array API input, which needs a setting of scipy's import."""
    checks = []
    for number, estimator in enumerate(CHECKED):
        for subject, check in estimator_checks_generator(estimator):
            name = check.func.__name__
            if name != "check_array_api_input":
                place = f"{number}-{len(checks)}-{name}"
                checks.append(pytest.param(subject, check, id=place))
    return checks


@pytest.mark.parametrize(("estimator", "check"), sklearn_checks())
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def frame(countries) -> pd.DataFrame:
    return countries.set_index("unit")


def test_asem_as_one_transformer(asem, countries, frame):
    wanted = compose(countries, asem).scores("all").droplevel("year")
    index = CompositeIndex(asem, level="all").set_output(transform="pandas")
    found = index.fit_transform(frame)
    assert list(found.columns) == list(wanted.columns)
    pd.testing.assert_frame_equal(found.loc[wanted.index], wanted, check_names=False, rtol=1e-12)
    assert index.weights_["Conn"] == 1


def test_asem_as_an_array(asem, countries, frame):
    spec = asem.without_step("impute")
    names = [item.id for item in spec.indicators]
    below = list(dict.fromkeys(i.denominator for i in spec.indicators if i.denominator))
    values = frame[[*names, *below]].to_numpy(float)
    found = CompositeIndex(spec, level="index").fit_transform(values)[:, 0]
    wanted = compose(countries, spec).scores("index")["Index"].droplevel("year")
    np.testing.assert_allclose(found, wanted.reindex(frame.index), rtol=1e-12)
    with pytest.raises(ValueError, match=r"3 columns; the specification has 5\d"):
        CompositeIndex(spec).fit(values[:, :3])


def test_steps_in_a_pipeline_give_the_scores_of_compose(asem, countries, frame):
    names = [item.id for item in asem.indicators]
    ways = [item.direction for item in asem.indicators]
    spec = IndexSpec(
        id="flat",
        indicators=tuple(
            IndicatorSpec(id=item.id, parent="flat", direction=item.direction)
            for item in asem.indicators
        ),
        nodes=(NodeSpec(id="flat"),),
        steps=(
            Step("impute", "median"),
            Step("treat", "winsorise"),
            Step("normalise", Method("minmax", lower=1)),
            Step("aggregate", "geometric"),
        ),
    )
    pipe = make_pipeline(
        IndexImputer("median"),
        OutlierTreater(),
        Normaliser(Method("minmax", lower=1), directions=ways),
        Aggregator("geometric"),
    )
    found = pipe.fit_transform(frame[names])[:, 0]
    wanted = compose(countries, spec).scores("index")["flat"].droplevel("year")
    np.testing.assert_allclose(found, wanted[frame.index], rtol=1e-12)


def test_fit_on_a_base_year_and_transform_another(asem, panel):
    plain = tuple(dataclasses.replace(item, denominator=None) for item in asem.indicators)
    spec = asem.replace(indicators=plain, steps=asem.steps[2:])
    wanted = compose(panel, spec.replace(years=2018)).scores().xs(2022, level="year")
    years = {year: part.set_index("unit") for year, part in panel.groupby("year")}
    index = CompositeIndex(spec).set_output(transform="pandas").fit(years[2018])
    found = index.transform(years[2022])
    pd.testing.assert_frame_equal(found.loc[wanted.index], wanted, check_names=False, rtol=1e-12)
    # Rows that are screened out keep their place, without a score.
    assert set(found.index[found["Index"].isna()]) == set(years[2022].index) - set(wanted.index)
    assert index.transform(years[2022].iloc[:1]).equals(found.iloc[:1])


def test_what_was_changed_is_marked():
    base = [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [99.0]]
    treater = OutlierTreater().fit(base)
    assert treater.marks([[50.0], [5.5], [np.nan]]).ravel().tolist() == [2, 0, 0]
    assert (treater.plan_[0].upper, treater.plan_[0].high) == (6.0, 1)
    imputer = IndexImputer().fit(base)
    assert imputer.marks([[np.nan], [1.0]]).ravel().tolist() == [1, 0]


def test_clone_search_and_column_transformer(frame, asem):
    social = [item.id for item in asem.indicators if item.parent == "Social"]
    parts = ColumnTransformer(
        [("one", make_pipeline(IndexImputer(), Normaliser(), Aggregator()), social)]
    )
    model = make_pipeline(parts, LinearRegression())
    methods = ["minmax", "percentile_rank", Method("zscore", sd=10)]
    step = "columntransformer__one__normaliser__method"
    search = GridSearchCV(model, {step: methods}, cv=3, error_score="raise")
    search.fit(frame, np.arange(len(frame)))
    assert search.best_params_[step] in methods
    again = clone(search.best_estimator_)
    assert again.get_params()[step] == search.best_params_[step]
    index = CompositeIndex(asem)
    assert clone(index).spec == asem
    fitted = pickle.loads(pickle.dumps(index.fit(frame)))
    np.testing.assert_array_equal(fitted.transform(frame), index.transform(frame))


def test_names_of_the_columns(frame):
    columns = ["Goods", "Services"]
    assert list(Normaliser().fit(frame[columns]).get_feature_names_out()) == columns
    assert list(Aggregator().fit(frame[columns]).get_feature_names_out(columns)) == ["score"]
    index = CompositeIndex(level="all").fit(frame[columns])
    assert list(index.get_feature_names_out()) == ["index", *columns]
    with pytest.raises(ValueError, match="input_features is not equal"):
        index.get_feature_names_out(columns[::-1])
    with pytest.raises(ValueError, match="should have length equal"):
        index.get_feature_names_out(columns[:1])
    named = pd.DataFrame({"index": [1.0, 2.0], "b": [3.0, 5.0]})
    assert list(CompositeIndex().fit(named).get_feature_names_out()) == ["index_"]


def test_directions_and_weights_by_name(frame):
    columns = ["Goods", "CO2"]
    some = frame[columns].dropna()
    lower = Normaliser(directions={"CO2": "lower"}).fit_transform(some)
    np.testing.assert_allclose(lower[:, 1], 100 - Normaliser().fit_transform(some)[:, 1])
    weighted = Aggregator(weights={"Goods": 3}).fit(some)
    assert weighted.weights_.tolist() == [3, 1]
    with pytest.raises(UnknownCodeError, match=r"'Good' .*Did you mean 'Goods'"):
        Aggregator(weights={"Good": 3}).fit(some)
    with pytest.raises(CompositeError, match="directions= has 1 values for 2 columns"):
        Normaliser(directions=["lower"]).fit(some)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (IndexImputer("latest"), "'latest' compares rows"),
        (IndexImputer(Method("group_mean", group="g")), "needs groups"),
        (Aggregator("copeland"), "'copeland' compares rows"),
        (Normaliser(Method("dist2ref", unit="A")), "use CompositeIndex"),
        (Normaliser("minmaks"), "Did you mean 'minmax'"),
        (CompositeIndex(level="node"), "'node' is not"),
    ],
)
def test_what_rows_alone_cannot_give_is_refused(estimator, message):
    with pytest.raises((CompositeError, UnknownCodeError), match=message):
        estimator.fit([[1.0, 2.0], [2.0, 5.0], [4.0, 3.0]])


def test_a_specification_that_needs_units_or_years_is_refused(asem, frame):
    spec = asem.with_step("screen", include=("DEU",))
    with pytest.raises(CompositeError, match="leave include= and exclude="):
        CompositeIndex(spec).fit(frame)
    with pytest.raises(CompositeError, match="'bod' compares rows"):
        CompositeIndex(asem.with_element("Social", aggregate="bod")).fit(frame)
    with pytest.raises(UnknownCodeError, match="'LPI'"):
        CompositeIndex(asem).fit(frame.drop(columns="LPI"))


def test_distance_to_a_unit_takes_its_name_from_the_index(asem, countries, frame):
    spec = asem.with_step("normalise", Method("dist2ref", unit="DEU")).without_step("screen")
    spec = spec.replace(treat="none")
    wanted = compose(countries, spec).scores().droplevel("year")
    found = CompositeIndex(spec).set_output(transform="pandas").fit_transform(frame)
    pd.testing.assert_frame_equal(found.loc[wanted.index], wanted, check_names=False, rtol=1e-12)
