"""Domains: groups of cases that figures are broken down by, and how large they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Design, Filter, Survey, parse_filter
from begleitforschung.surveys.checks import possible_answer
from begleitforschung.surveys.frames import require_known
from begleitforschung.surveys.sample_design import JOIN, as_label

TOTAL = Text("Insgesamt", "Total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """Groups of cases.

    Parameters
    ----------
    names : tuple of str
        Variables; none for all cases together.
    codes : numpy.ndarray of int, shape (n,)
        Group of each case, -1 for none.
    keys : tuple of str, length d
        Groups.
    labels : tuple of Text, length d
        Their wording.
    population : numpy.ndarray, shape (d,)
        Units of the population in each group; NaN where the register does not know them.
    one_stratum : numpy.ndarray of bool, shape (d,)
        Whether all units of the group lie in one stratum.
    ungrouped : int
        Cases whose group is unknown.
    """

    names: tuple[str, ...]
    codes: Ints
    keys: tuple[str, ...]
    labels: tuple[Text, ...]
    population: Floats
    one_stratum: Mask
    ungrouped: int = 0

    @property
    def by(self) -> str:
        """The variables in one name; empty for all cases together."""
        return JOIN.join(self.names)


def everybody(survey: Survey, inside: Mask | None) -> Domains:
    """Return all cases as one group.

    Parameters
    ----------
    survey : Survey
        The survey.
    inside : numpy.ndarray of bool, shape (n,), optional
        Cases that count; the size of their population is unknown.

    Returns
    -------
    Domains
        One group.

    Raises
    ------
    ValidationError
        Never for a sound survey.
    """
    design = survey.design
    known = np.nan if design is None or inside is not None else design.population
    return Domains(
        names=(),
        codes=np.zeros(len(survey), dtype=np.int64) if inside is None else inside.astype(int) - 1,
        keys=("",),
        labels=(TOTAL,),
        population=np.array([known]),
        one_stratum=np.array([design is not None and len(design.cells) == 1]),
    )


def grouped(survey: Survey, by: str | Sequence[str], inside: Mask | None) -> Domains:
    """Return the groups of one variable or of several crossed.

    Parameters
    ----------
    survey : Survey
        The survey.
    by : str or sequence of str
        Items with one column, or variables of the design.
    inside : numpy.ndarray of bool, shape (n,), optional
        Cases that count.

    Returns
    -------
    Domains
        The groups that have a case or a unit of the population, in the order of the codebook.

    Raises
    ------
    UnknownCodeError
        If a variable is unknown.
    ValidationError
        If an item has several columns or no codes.
    """
    names = [by] if isinstance(by, str) else list(by)
    parts = [_variable(survey, name) for name in names]
    for name, (_, order, _) in zip(names, parts, strict=True) if len(names) > 1 else ():
        if any(JOIN in key for key in order):
            raise ValidationError(
                f"labels of {name!r} hold '{JOIN}', which joins variables: rename"
            )
    label = _crossed([part[0] for part in parts])
    sizes, alone = _population(survey.design, names)
    present = set(label.dropna()) | set(sizes.index)
    keys = [key for key in _in_order([part[1] for part in parts]) if key in present]
    codes = pd.Index(keys).get_indexer(pd.Index(label)).astype(np.int64)
    if inside is not None:
        codes, sizes = np.where(inside, codes, -1), sizes * np.nan
    wording = [part[2] for part in parts]
    return Domains(
        names=tuple(names),
        codes=codes,
        keys=tuple(keys),
        labels=tuple(_label(key, wording) for key in keys),
        population=sizes.reindex(keys).to_numpy(np.float64),
        one_stratum=alone.reindex(keys, fill_value=False).to_numpy(bool),
        ungrouped=int(label.isna().sum()),
    )


def chosen(survey: Survey, where: str | ArrayLike | None) -> Mask | None:
    """Return the cases that count.

    Parameters
    ----------
    survey : Survey
        The survey.
    where : str or array_like of bool, optional
        A filter such as ``q1 == 2 and not q3_4 == 1``, or who counts.

    Returns
    -------
    numpy.ndarray of bool, shape (n,), optional
        The cases; nothing if all count.

    Raises
    ------
    FormulaError
        If the filter can't be read.
    ValidationError
        If there is not one truth value for each case.
    """
    if where is None:
        return None
    if isinstance(where, str):
        columns = list(survey.responses.columns)
        parsed = parse_filter(where, columns)
        _require_answers(survey, parsed)
        return parsed.mask(lambda name: survey.responses[name], len(survey))
    mask = np.asarray(where)
    if mask.shape != (len(survey),) or mask.dtype != np.bool_:
        raise ValidationError(f"where= needs one truth value for each of {len(survey)} cases")
    return mask


def answers_among(survey: Survey, names: Iterable[str]) -> list[str]:
    """Return the names that are items or columns of the codebook, not variables of the frame.

    Parameters
    ----------
    survey : Survey
        The survey.
    names : iterable of str
        Variables.

    Returns
    -------
    list of str
        What `Survey.traced` is to be told.
    """
    items = survey.codebook.columns()
    known = {*items, *(item.id for item in items.values())}
    return [name for name in names if name in known]


def _require_answers(survey: Survey, parsed: Filter) -> None:
    """Refuse codes that a question does not have: nobody would be left without a word."""
    for comparison in parsed.comparisons:
        item = survey.codebook.item(comparison.column)
        for value in comparison.values:
            if not possible_answer(item, value):
                known = [code.code for code in item.answers]
                raise UnknownCodeError(value, known, f"answers of {comparison.column!r}")


def _variable(survey: Survey, name: str) -> tuple[pd.Series, list[str], dict[str, Text]]:
    """Return the labels of a variable by case, its values in order, and their wording."""
    design = survey.design
    if design is not None and name in design.variables.columns:
        from_register = _variable_of(design, name)
        known = survey.codebook.columns()
        if name not in known or not known[name].coded:
            return from_register
        return from_register[0], *_wording(survey, name)
    require_known(survey, () if design is None else design.variables.columns, name)
    columns = survey.columns_of(name)
    item = survey.codebook.item(name)
    if item.cell_kind == "number":
        raise ValidationError(
            f"groups need a question with one answer; {name!r} is a number: make classes of it, "
            "e.g. with pandas.cut, as a column of the frame (bf.design(…, frame=…)) or as an item "
            "of kind single in export and codebook"
        )
    if len(columns) > 1 or item.kind == "multiple" or not item.coded:
        raise ValidationError(f"groups need a question with one answer; {name!r} is none")
    values = survey.responses[columns[0]].astype("object").reset_index(drop=True)
    return values, *_wording(survey, name)


def _wording(survey: Survey, name: str) -> tuple[list[str], dict[str, Text]]:
    answers = survey.codebook.item(name).answers
    return [code.code for code in answers], {c.code: c.label.text for c in answers}


def _variable_of(design: Design, name: str) -> tuple[pd.Series, list[str], dict[str, Text]]:
    values = _labels(design.variables[name])
    known = (
        values if design.frame is None or name not in design.frame else _labels(design.frame[name])
    )
    # Strata are labels among the variables; the frame knows their order.
    frame = design.frame
    dtype = (frame if frame is not None and name in frame else design.variables)[name].dtype
    if isinstance(dtype, pd.CategoricalDtype):
        order = [as_label(v) for v in dtype.categories]
    else:
        order = _sorted(known.dropna().unique())
    labels = {key: f"{name} {key}" if key.isdigit() else key for key in order}
    return values, order, {key: Text(label, label) for key, label in labels.items()}


def _labels(values: pd.Series) -> pd.Series:
    labels = [as_label(v) or None for v in values]
    return pd.Series(labels, dtype="object")


def _sorted(values: ArrayLike) -> list[str]:
    """Sort labels, numbers by their size."""
    texts = [str(v) for v in np.asarray(values)]
    number = all(t.replace(".", "", 1).lstrip("-").isdigit() for t in texts)
    return sorted(texts, key=float) if number else sorted(texts)


def _crossed(values: Sequence[pd.Series]) -> pd.Series:
    joined = pd.concat(values, axis=1)
    complete = joined.notna().all(axis=1)
    labels = joined[complete].astype(str).agg(JOIN.join, axis=1) if complete.any() else None
    return pd.Series(labels, index=joined.index, dtype="object")


def _in_order(orders: Sequence[Sequence[str]]) -> list[str]:
    keys = [""]
    for position, order in enumerate(orders):
        keys = [f"{key}{JOIN if position else ''}{value}" for key in keys for value in order]
    return keys


def _label(key: str, wording: Sequence[dict[str, Text]]) -> Text:
    parts = key.split(JOIN) if len(wording) > 1 else [key]
    texts = [words[part] for words, part in zip(wording, parts, strict=True)]
    return Text(*(JOIN.join(text.get(lang) for text in texts) for lang in ("de", "en")))


def _population(design: Design | None, names: Sequence[str]) -> tuple[pd.Series, pd.Series]:
    """Return the size of each group and whether it lies in one stratum, where known."""
    nothing = pd.Series(dtype="float64"), pd.Series(dtype="bool")
    if design is None or not design.cells["population"].notna().all():
        return nothing
    labels = design.strata_labels()
    if set(names) <= set(design.strata):
        key = _crossed([labels[name] for name in names])
        groups = design.cells["population"].groupby(key.to_numpy())
        return groups.sum(), groups.size() == 1
    frame = design.frame
    if frame is None or not set(names) <= set(frame.columns):
        return nothing
    key = _crossed([_labels(frame[name]) for name in names])
    if not set(design.strata) <= set(frame.columns):
        return key.value_counts().astype("float64"), pd.Series(dtype="bool")
    stratum = _crossed([_labels(frame[name]) for name in design.strata]) if design.strata else key
    if not design.strata:
        stratum = pd.Series("", index=key.index)
    return key.value_counts().astype("float64"), stratum.groupby(key).nunique() == 1
