"""Non-response: a model of who answers, and weights by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.targets import asked_of, classes_of, plan_of
from begleitforschung.estimation.weighting import Made, weighted
from begleitforschung.results.nonresponse import NonresponseModel
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.surveys import Design, Survey
from begleitforschung.surveys.designs import Population
from begleitforschung.surveys.sample_design import as_label

_NORMAL_95 = 1.959963984540054
_Part = tuple[dict[str, Any], np.ndarray]


def nonresponse_model(
    survey: Survey, variables: str | Sequence[str], *, invited: pd.DataFrame | None = None
) -> NonresponseModel:
    """Model who answered by what is known of all who were asked.

    Parameters
    ----------
    survey : Survey
        A survey with a design; its cases are those who answered.
    variables : str or sequence of str
        Columns of those invited. Numbers enter in standard deviations, others as classes against
        the largest one.
    invited : pandas.DataFrame, optional
        All who were asked, one row per unit with a column ``unit``; of a full population or
        invitation the frame of the design.

    Returns
    -------
    NonresponseModel
        Odds ratios of a logistic regression (maximum likelihood, unweighted), with the propensity
        of each unit. It holds no answers: internal.

    Raises
    ------
    ValidationError
        If it is not known who was asked, a variable is missing for a unit, everybody answered, or
        all or none of a class did.
    UnknownCodeError
        If a variable is unknown.

    Examples
    --------
    With a survey of your own::

        model = bf.nonresponse_model(survey, ["groessenklasse", "bundesland"])
        survey = bf.weight_propensity(survey, model, classes=5)
    """
    asked = asked_of(survey, invited)
    answered = asked["unit"].isin(survey.cases["unit"]).to_numpy()
    names = [variables] if isinstance(variables, str) else list(variables)
    parts = [part for name in names for part in _parts(asked, name, answered)]
    ones = {"variable": "", "category": "", "kind": "intercept", "scale": np.nan}
    head = ones | {"invited": len(asked), "answered": int(answered.sum())}
    used = [(head, np.ones(len(asked))), *parts]
    fitted = [column for row, column in used if row["kind"] != "reference"]
    try:
        found = sampling.response_propensity(answered, np.column_stack(fitted))
    except ValueError as error:
        raise ValidationError(f"no model of response: {error}") from error
    node = survey.traced([]).then("nonresponse_model", variables=names)
    units = pd.Index(asked["unit"], name="unit")
    return NonresponseModel(
        table=_table([row for row, _ in used], found),
        specification={"variables": names},
        provenance=node,
        confidentiality="internal",
        propensities=pd.Series(found.fitted, index=units, name="propensity"),
        answered=pd.Series(answered, index=units, name="answered"),
        pseudo_r2=found.pseudo_r2,
        auc=found.auc,
    )


def weight_propensity(
    survey: Survey, model: NonresponseModel, *, classes: int | None = None
) -> Survey:
    """Weight those who answered by how likely that was.

    Parameters
    ----------
    survey : Survey
        The survey that the model is of, with a design.
    model : NonresponseModel
        What `nonresponse_model` returned.
    classes : int, optional
        Divide by the response rate in so many classes of the propensity instead of the propensity
        itself: steadier where the model is not quite right (Little 1986, International Statistical
        Review 54, 139-157). 5 is usual.

    Returns
    -------
    Survey
        With weights by propensity. In strata of known size they are scaled to that size, as weights
        of the strata make up for the number of those missing already. The variance takes the
        propensities as known.

    Raises
    ------
    ValidationError
        If the survey has a case that the model does not know, or nobody answered in a class.
    """
    units = survey.cases["unit"]
    if lost := int((~units.isin(model.propensities.index)).sum()):
        raise ValidationError(
            f"the model does not know {lost} of the cases; make it of this survey"
        )
    fitted = model.propensities.to_numpy()
    rate = fitted if classes is None else _class_rates(model, classes)
    by_unit = pd.Series(1 / rate, index=model.propensities.index)
    factor = np.asarray(by_unit.loc[units.to_numpy()], dtype=np.float64)
    variables = list(model.specification["variables"])
    parameters = {"by": variables, "classes": classes, "auc": model.auc}
    return weighted(survey, "propensity", _times(plan_of(survey), factor), parameters, [])


def weight_nonresponse(
    survey: Survey, by: str | Sequence[str], invited: Population, *, count: str = "invited"
) -> Survey:
    """Divide the weights of each class by its response rate.

    Parameters
    ----------
    survey : Survey
        A survey with a design; its cases are those who answered.
    by : str or sequence of str
        Variables whose classes are crossed.
    invited : mapping, DataFrame or table
        How many units of each class were invited.
    count : str
        Column of a table with these numbers.

    Returns
    -------
    Survey
        With weights times invited by answered in each class (Little & Rubin 2019, Statistical
        Analysis with Missing Data, section 3.3). In strata of known size they are scaled to that
        size, as weights of the strata make up for the number of those missing already. The
        variance takes the rates as known.

    Raises
    ------
    ValidationError
        If nobody answered in a class, or more answered than were invited.
    """
    classes = classes_of(survey, by, invited, count)
    answered = np.bincount(classes.codes, minlength=classes.totals.size)
    if empty := [n for n, k in zip(classes.labels, answered, strict=True) if k == 0]:
        raise ValidationError(f"nobody answered in classes: {', '.join(empty)}; join them")
    factor = np.asarray((classes.totals / answered)[classes.codes], dtype=np.float64)
    rates = {
        n: float(k / t) for n, k, t in zip(classes.labels, answered, classes.totals, strict=True)
    }
    change = _times(plan_of(survey), factor)
    parameters = {"by": list(classes.names), "rates": rates}
    return weighted(survey, "nonresponse", change, parameters, [classes])


def _times(design: Design, factor: Floats) -> Any:
    """Return what multiplies weights, and keeps the sum in strata whose size is known."""
    if isinstance(design.sample, sampling.Design) and design.sample.residuals:
        raise ValidationError("weight for non-response before the weights are calibrated")
    size = design.cells["population"].to_numpy(np.float64)

    def rates(weights: Floats) -> Floats:
        total = np.bincount(design.stratum, weights * factor, size.size)
        known = np.isfinite(size) & (total > 0)  # a stratum without any weight is left without
        ratio = np.divide(size, total, out=np.ones(size.size), where=known)
        return np.asarray(factor * ratio[design.stratum], dtype=np.float64)

    def apply(sample: AnyDesign) -> Made:
        by = rates(sample.weights)
        if isinstance(sample, sampling.Replicates):
            changed = replace(sample, weights=sample.weights * by, scaled=sample.scaled * by)
            return changed, None
        return replace(sample, weights=sample.weights * by), None

    return apply


def _parts(asked: pd.DataFrame, name: str, answered: np.ndarray) -> list[_Part]:
    """Return rows of the table and columns of the regression of one variable."""
    if name not in asked.columns or name == "unit":
        raise UnknownCodeError(name, map(str, asked.columns), "columns of those invited")
    values = asked[name]
    if missing := int(values.isna().sum()):
        raise ValidationError(f"{name!r} is missing for {missing} of those invited")
    if pd.api.types.is_float_dtype(values.dtype):
        number = values.to_numpy(np.float64)
        if (spread := float(number.std())) == 0:
            raise ValidationError(f"{name!r} is the same for all who were invited")
        row = {"variable": name, "category": "", "kind": "number", "scale": spread}
        row |= {"invited": len(asked), "answered": int(answered.sum())}
        return [(row, (number - number.mean()) / spread)]
    found = _classes(pd.Series([as_label(v) for v in values]), name, answered)
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return found
    order = [as_label(v) for v in values.dtype.categories]
    return sorted(found, key=lambda part: order.index(part[0]["category"]))


def _classes(labels: pd.Series, name: str, answered: np.ndarray) -> list[_Part]:
    sizes = labels.value_counts()
    rates = pd.Series(answered).groupby(labels).mean()
    if sure := sorted(rates.index[(rates == 0) | (rates == 1)]):
        raise ValidationError(
            f"all or none answered in classes of {name!r}: {', '.join(sure)}; join them"
        )
    largest = sorted(sizes.index[sizes == sizes.max()])[0]
    found = []
    for label in sorted(sizes.index):
        inside = (labels == label).to_numpy()
        kind = "reference" if label == largest else "class"
        row = {"variable": name, "category": label, "kind": kind, "scale": np.nan}
        row |= {"invited": int(inside.sum()), "answered": int(answered[inside].sum())}
        found.append((row, inside.astype(np.float64)))
    return found


def _table(rows: list[dict[str, Any]], found: sampling.Propensity) -> pd.DataFrame:
    from scipy.special import ndtr

    table = pd.DataFrame(rows)
    fitted = (table["kind"] != "reference").to_numpy()
    for name, values in (("coefficient", found.values), ("se", np.diag(found.covariance) ** 0.5)):
        table[name] = np.where(fitted, 0.0, np.nan)
        table.loc[fitted, name] = values
    half = _NORMAL_95 * table["se"]
    table["odds_ratio"] = np.exp(table["coefficient"].fillna(0.0))
    table["low"], table["high"] = (np.exp(table["coefficient"] + s * half) for s in (-1, 1))
    table["p"] = 2 * ndtr(-np.abs(table["coefficient"] / table["se"]))
    names = ["variable", "category", "kind", "coefficient", "se", "odds_ratio", "low", "high"]
    return table[[*names, "p", "scale", "invited", "answered"]]


def _class_rates(model: NonresponseModel, classes: int) -> Floats:
    """Return the response rate in the class of each unit that was asked."""
    if classes < 2:
        raise ValidationError("classes= is 2 or more; without it the propensity itself is used")
    codes = sampling.propensity_classes(model.propensities.to_numpy(), classes)
    rates = np.bincount(codes, model.answered.to_numpy(np.float64)) / np.bincount(codes)
    if (rates == 0).any():
        raise ValidationError("nobody answered in a class of propensities: take fewer classes")
    return np.asarray(rates[codes], dtype=np.float64)
