"""Which group a unit is in: by a classification, by the programme, or as a user says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from begleitforschung.errors import ComparisonError, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.regions import (
    CodeList,
    classify,
    code_list,
    code_lists,
    east_west,
    is_key,
    level_of,
)
from begleitforschung.regions.programme import county_status, projects
from begleitforschung.regions.programme import provenance as programme_provenance

By = str | Mapping[str, object] | pd.Series
"""Name of a classification or of a column of the register, or unit to group."""
Berlin = Literal["east", "west", "own"]

SIZE_CLASSES = "groessenklasse_programm"
_LIST_OF = {
    "bundesland": "bundeslaender",
    "land": "bundeslaender",
    "east_west": "ost_west",
    "groessenklasse": SIZE_CLASSES,
    "mpsc": "mpsc_kreis",
}
_PROJECT_COLUMNS = ("staffel", "programm_kategorie", "startphase", "typ", "jahr", "bundesland")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Groups of units.

    Parameters
    ----------
    title : Text
        What units are grouped by.
    group : pandas.Series
        Group of each (unit, year), index ``unit, year``; missing where unknown.
    labels : mapping of str to Text
        All groups in order, those without units included.
    apart : frozenset of str
        Groups that belong to no side of the comparison and are shown apart.
    inputs : tuple of Source or Provenance
        Where the classification stands.
    """

    title: Text
    group: pd.Series
    labels: Mapping[str, Text]
    apart: frozenset[str] = frozenset()
    inputs: tuple[Source | Provenance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOptions:
    """What some classifications need.

    Parameters
    ----------
    berlin : {"east", "west", "own"}, optional
        Where Berlin counts, for East and West.
    classes : str
        Code list of size classes, for ``"groessenklasse"``.
    population : pandas.Series, optional
        Inhabitants of each (unit, year), for size classes.
    """

    berlin: Berlin | None = None
    classes: str = SIZE_CLASSES
    population: pd.Series | None = field(default=None, repr=False)


def is_about_projects(by: By, level: str) -> bool:
    """Say whether a grouping is one of projects, so that figures are wanted for projects.

    Parameters
    ----------
    by : By
        What to group by.
    level : str
        Level of the figures.

    Returns
    -------
    bool
        True for columns of the register (a Bundesland only if the figures are those of projects
        already) and for a mapping of project codes.
    """
    if isinstance(by, str):
        return level == "project" or (by in _PROJECT_COLUMNS and by != "bundesland")
    keys = [str(unit) for unit in (by.index if isinstance(by, pd.Series) else by)]
    return bool(keys) and all(is_key(key) and level_of(key) == "project" for key in keys)


def group_units(cells: pd.DataFrame, by: By, options: GroupOptions) -> Grouping:
    """Put units into groups.

    Parameters
    ----------
    cells : pandas.DataFrame
        Columns ``unit`` and ``year`` of the figures to be compared; repeated rows don't matter.
    by : By
        What to group by.
    options : GroupOptions
        What some classifications need.

    Returns
    -------
    Grouping
        A group for each unit and year.

    Raises
    ------
    ComparisonError
        If the classification does not fit the level of the units or lacks what it needs.
    UnknownCodeError
        If there is no such classification.
    """
    units = cells[["unit", "year"]].drop_duplicates().astype({"unit": "str"})
    index = pd.MultiIndex.from_frame(units)
    if not isinstance(by, str):
        return _by_mapping(index, by)
    levels = {str(level_of(unit)) for unit in index.get_level_values("unit").unique()}
    if levels == {"project"} and by in _PROJECT_COLUMNS:
        return _by_register(index, by)
    if by == "mpsc":
        return _by_programme(index, levels)
    name = options.classes if by == "groessenklasse" else _LIST_OF.get(by, by)
    if name not in code_lists():
        known = {*_LIST_OF, *_PROJECT_COLUMNS, *code_lists()}
        raise UnknownCodeError(by, sorted(known), "the ways of grouping")
    codes = code_list(name)
    _check_level(codes, levels)
    if codes.kind == "intervals":
        return _by_size(index, codes, options)
    return _by_list(index, codes, options)


def _by_mapping(index: pd.MultiIndex, by: Mapping[str, object] | pd.Series) -> Grouping:
    given = by if isinstance(by, pd.Series) else pd.Series(dict(by), dtype=object)
    known = given.dropna()
    pairs = {str(unit): str(group) for unit, group in known.items()}
    kinds = given.cat.categories if isinstance(given.dtype, pd.CategoricalDtype) else known.unique()
    order = [str(item) for item in kinds]
    if not set(pairs) & set(index.get_level_values("unit")):
        raise ComparisonError("none of the units that were put into groups has a figure")
    title = Text("Gruppe", "Group") if given.name is None else Text(str(given.name))
    labels = {name: Text(name) for name in order}
    return Grouping(title=title, group=_looked_up(index, pairs), labels=labels)


def _by_register(index: pd.MultiIndex, by: str) -> Grouping:
    register = projects().set_index("project")[by]
    found = {str(unit): str(item) for unit, item in register.dropna().items()}
    list_id = _LIST_OF.get(by, by)
    codes = code_list(list_id) if list_id in code_lists() else None
    labels = _labels(codes) if codes else {name: Text(name) for name in sorted(set(found.values()))}
    if by == "bundesland":
        labels = {name: text for name, text in labels.items() if name in set(found.values())}
    return Grouping(
        title=codes.title.text if codes else Text(by),
        group=_looked_up(index, found),
        labels=labels,
        inputs=(programme_provenance(),),
    )


def _by_programme(index: pd.MultiIndex, levels: set[str]) -> Grouping:
    codes = code_list("mpsc_kreis")
    _check_level(codes, levels)
    status = county_status(index.get_level_values("unit").unique()).set_index("unit")["status"]
    found = {str(unit): str(code) for unit, code in status.items()}
    return Grouping(
        title=codes.title.text,
        group=_looked_up(index, found),
        labels=_labels(codes),
        apart=frozenset({"contains"}),
        inputs=(programme_provenance(),),
    )


def _by_size(index: pd.MultiIndex, codes: CodeList, options: GroupOptions) -> Grouping:
    if options.population is None:
        raise ComparisonError(
            f"{codes.id!r} classifies by number of inhabitants; say which indicator of the table "
            "holds it: population=…"
        )
    number = options.population.reindex(index)
    group = classify(number.reset_index(drop=True), codes).set_axis(index)
    return Grouping(title=codes.title.text, group=group.astype("str"), labels=_labels(codes))


def _by_list(index: pd.MultiIndex, codes: CodeList, options: GroupOptions) -> Grouping:
    units = pd.Series(index.get_level_values("unit").unique(), dtype="str")
    labels = _labels(codes)
    if codes.id == "ost_west":
        if options.berlin is None:
            raise ComparisonError(
                "no source settles whether Berlin counts as East or West; say so: berlin='east', "
                "'west' or 'own'"
            )
        found = east_west(units, berlin=options.berlin)
        labels = {name: labels[name] for name in found.cat.categories}
    else:
        found = classify(units, codes)
    source = codes.assignment_source()
    known = found.notna()
    group = dict(zip(units[known], found[known].astype("str"), strict=True))
    return Grouping(
        title=codes.title.text,
        group=_looked_up(index, group),
        labels=labels,
        inputs=(source,) if source else (),
    )


def _check_level(codes: CodeList, levels: set[str]) -> None:
    fits = set(codes.levels) | set(codes.assignment.levels if codes.assignment else ())
    wrong = sorted(levels - fits)
    if fits and wrong:
        raise ComparisonError(
            f"{codes.id!r} classifies units of level {', '.join(sorted(fits))}, the figures are "
            f"those of {', '.join(wrong)}; choose another grouping, or aggregate the figures first"
        )


def _labels(codes: CodeList) -> dict[str, Text]:
    return {code.code: code.label.text for code in codes.codes}


def _looked_up(index: pd.MultiIndex, group: Mapping[str, str]) -> pd.Series:
    found = [group.get(unit) for unit in index.get_level_values("unit")]
    return pd.Series(found, index=index, dtype="str", name="group")
