"""`cross_table`: counts or sums by dimensions, of answers or a table of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from begleitforschung.disclosure.splitting import secret_variable
from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.domains import answers_among, grouped
from begleitforschung.language import Text
from begleitforschung.provenance import Confidentiality, Provenance, Source
from begleitforschung.results.cross_table import FIGURES, CrossTable, Dimension, all_cells
from begleitforschung.results.variable_words import variable_words
from begleitforschung.stats.suppression import cell_table
from begleitforschung.surveys import Survey
from begleitforschung.surveys.sample_design import as_label

Level = Mapping[str, str]
_SOURCE = Source(publisher="eigene Daten", title="Tabelle")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """Cases as columns: classes, numbers, and to whom each case belongs."""

    dimensions: tuple[Dimension, ...]
    codes: np.ndarray
    values: np.ndarray
    holdings: np.ndarray


def cross_table(
    data: Survey | pd.DataFrame,
    by: str | Sequence[str],
    value: str | None = None,
    *,
    groups: Mapping[str, Sequence[Level]] | None = None,
    holdings: str | None = None,
    known: Sequence[str] = (),
    title: Text | str = "",
    unit: str = "",
    source: Source | None = None,
    confidentiality: Confidentiality = "confidential",
) -> CrossTable:
    """Count cases, or add up a number, by any number of dimensions, with all margins.

    Figures are not weighted. Cases without a class in one of the dimensions, or without a number,
    are left out; the table says how many. To show a part of the cases, make what they are chosen by
    a dimension: a table of a part and one of all are not protected together.

    Parameters
    ----------
    data : Survey or pandas.DataFrame
        Answers, or a table with one row per case.
    by : str or sequence of str
        Dimensions: items with one answer and variables of the frame, or columns.
    value : str, optional
        Number to add up; without it cases are counted.
    groups : mapping of str to sequence of mapping, optional
        For a dimension its levels from fine to coarse: class to group, group to larger group.
    holdings : str, optional
        Column that tells to whom a row belongs, as several of one count once; in a survey it is
        the municipality.
    known : sequence of str
        Columns of which everybody knows who belongs to which class. In a survey the codebook
        tells; in a table of your own every column counts as secret by default.
    title : Text or str
        What the table shows.
    unit : str
        Unit of the sums; in a survey that of the item.
    source : Source, optional
        Where a table of your own comes from.
    confidentiality : {"public", "internal", "confidential"}
        Of a table of your own; a survey knows its own.

    Returns
    -------
    CrossTable
        The table; a confidential one is shown after `bf.protect` only.

    Raises
    ------
    UnknownCodeError
        If a column is unknown.
    ValidationError
        If a dimension can't be one, or groups do not fit its classes; names all problems.

    Examples
    --------
    >>> frame = pd.DataFrame({"land": ["BY", "BY", "NW"], "art": ["a", "b", "a"]})
    >>> made = cross_table(frame, ["land", "art"], confidentiality="public")
    >>> made.table["value"].tolist()
    [1.0, 1.0, 2.0, 1.0, 0.0, 1.0, 2.0, 1.0, 3.0]
    """
    names = [by] if isinstance(by, str) else list(by)
    levels = dict(groups or {})
    _require_names(names, levels)
    if isinstance(data, Survey):
        found = _of_survey(data, names, value)
        used = answers_among(data, [*names, *([value] if value else [])])
        node = data.traced(used)
        measure = data.codebook.label(value) if value else None
        unit = unit or (data.codebook.item(value).unit if value else "") or ""
    else:
        found = _of_frame(data, names, value, holdings, known)
        used, measure = [], Text(value, value) if value else None
        node = Provenance.of("table", source or _SOURCE, confidentiality=confidentiality)
    dimensions = tuple(_with_groups(d, levels.get(d.name, ())) for d in found.dimensions)
    kept = (found.codes >= 0).all(axis=0) & ~np.isnan(found.values)
    cell = np.ravel_multi_index(tuple(found.codes[:, kept]), tuple(d.classes for d in dimensions))
    told = Text(title, title) if isinstance(title, str) else title
    return CrossTable(
        table=_table(dimensions, cell, found.values[kept]),
        specification={"by": names, "value": value, "groups": {n: len(levels[n]) for n in levels}},
        provenance=node.then("cross_table", by=names, value=value, cases=int(kept.sum())),
        findings=_left_out(int((~kept).sum())),
        dimensions=dimensions,
        title=told if told.de else _title(dimensions),
        kind="count" if value is None else "sum",
        measure=measure or Text("Anzahl", "Number"),
        unit=unit,
        names=tuple(used),
        codebook=data.codebook if isinstance(data, Survey) else None,
        contributions=pd.DataFrame(
            {"cell": cell, "value": found.values[kept], "holding": found.holdings[kept]}
        ),
        origin=data,
    )


def _table(dimensions: tuple[Dimension, ...], cell: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Return all cells with what the cases of the finest ones add up to."""
    shape = tuple(d.classes for d in dimensions)
    levels = {axis: d.levels for axis, d in enumerate(dimensions)}
    sums, cases = (
        cell_table(np.bincount(cell, weights, int(np.prod(shape))).reshape(shape), levels).values
        for weights in (values, None)
    )
    found = all_cells(dimensions).assign(value=sums, empty=cases == 0, suppressed="")
    return found.astype({"suppressed": "str"})


def _require_names(names: Sequence[str], groups: Mapping[str, Sequence[Level]]) -> None:
    if not names or len(set(names)) < len(names) or set(names) & set(FIGURES):
        raise ValidationError(
            "by= needs at least one dimension, each once, none of them named "
            f"{' or '.join(FIGURES)}"
        )
    for name in groups:
        if name not in names:
            raise UnknownCodeError(name, names, "dimensions of the table (groups=)")


def _title(dimensions: Sequence[Dimension]) -> Text:
    titles = [d.title for d in dimensions]
    return Text(*(" × ".join(t.get(lang) for t in titles) for lang in ("de", "en")))


def _left_out(n: int) -> tuple[Finding, ...]:
    if not n:
        return ()
    text = Text(f"{n} Fälle ohne Angabe sind nicht enthalten", f"{n} cases without data left out")
    return (Finding(rule="cross_table.left_out", severity="info", text=text, n=n),)


def _of_survey(survey: Survey, names: Sequence[str], value: str | None) -> _Data:
    made = [grouped(survey, name, None) for name in names]
    items = survey.codebook.columns()
    dimensions = []
    for name, domains in zip(names, made, strict=True):
        secret = secret_variable(survey, name)
        item = items.get(name)
        dimensions.append(
            Dimension(
                name=name,
                title=variable_words(name) if item is None else survey.codebook.label(name),
                keys=domains.keys,
                labels=domains.labels,
                ordered=_ordered(survey, name),
                known=not secret,
                sensitive=secret and item is not None and item.sensitive,
            )
        )
    values = np.ones(len(survey))
    if value is not None:
        item = survey.codebook.item(value)
        if item.coded or len(survey.columns_of(value)) > 1:
            raise ValidationError(f"value= needs a question for one number; {value!r} is none")
        values = survey.scores(value)[:, 0]
    return _Data(
        dimensions=tuple(dimensions),
        codes=np.array([domains.codes for domains in made]),
        values=values,
        holdings=_owners(survey.cases["unit"]),
    )


def _ordered(survey: Survey, name: str) -> bool:
    design = survey.design
    if design is not None and name in design.variables.columns:
        known = design.frame if design.frame is not None and name in design.frame else None
        return _has_order((design.variables if known is None else known)[name])
    return survey.codebook.item(name).cell_kind == "scale"


def _has_order(values: pd.Series) -> bool:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return bool(values.dtype.ordered)
    return pd.api.types.is_numeric_dtype(values.dtype)


def _of_frame(
    frame: pd.DataFrame,
    names: Sequence[str],
    value: str | None,
    holdings: str | None,
    known: Sequence[str],
) -> _Data:
    wanted = [*names, *([value] if value else []), *([holdings] if holdings else []), *known]
    for name in wanted:
        if name not in frame.columns:
            raise UnknownCodeError(name, map(str, frame.columns), "columns of the table")
    dimensions, codes = [], []
    for name in names:
        series = frame[name]
        labels = pd.Series([as_label(v) for v in series], dtype="object")
        if isinstance(series.dtype, pd.CategoricalDtype):
            keys = [as_label(v) for v in series.dtype.categories]
        else:
            order = _has_order(series)
            keys = [k for k in labels.unique() if k]
            keys.sort(key=(lambda key: float(key)) if order else str)
        if not keys:
            raise ValidationError(f"the dimension {name!r} has no class")
        words = variable_words(name)
        dimensions.append(
            Dimension(
                name=name,
                title=words,
                keys=tuple(keys),
                labels=tuple(Text(k, k) for k in keys),
                ordered=_has_order(series),
                known=name in known,
                sensitive=name not in known,
            )
        )
        codes.append(pd.Index(keys).get_indexer(pd.Index(labels)))
    values = np.ones(len(frame))
    if value is not None:
        values = pd.to_numeric(frame[value], errors="raise").to_numpy(np.float64)
    owners = np.arange(len(frame)) if holdings is None else _owners(frame[holdings])
    return _Data(
        dimensions=tuple(dimensions), codes=np.array(codes), values=values, holdings=owners
    )


def _owners(units: pd.Series) -> np.ndarray:
    """Give those to whom cases belong numbers; who is unknown stands alone."""
    codes = pd.factorize(units)[0].astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _with_groups(dimension: Dimension, levels: Sequence[Level]) -> Dimension:
    """Add the groups of the classes, from fine to coarse."""
    keys, labels, below = list(dimension.keys), list(dimension.labels), list(dimension.keys)
    found: list[tuple[int, ...]] = []
    for level in levels:
        if missing := [key for key in below if key not in level]:
            raise ValidationError(
                f"groups of {dimension.name!r}: no group is given for {', '.join(missing)}"
            )
        above = list(dict.fromkeys(level[key] for key in below))
        if twice := [key for key in above if key in keys or not key]:
            raise ValidationError(
                f"groups of {dimension.name!r}: {', '.join(twice)} is a class or another group "
                "already; give the group a name of its own"
            )
        found.append(tuple(above.index(level[key]) for key in below))
        keys += above
        labels += [Text(key, key) for key in above]
        below = above
    return replace(dimension, keys=tuple(keys), labels=tuple(labels), levels=tuple(found))
