"""`uniqueness`: how many records could be recognised by what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.domains import answers_among, grouped
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.uniqueness import UniquenessResult, joined
from begleitforschung.results.variable_words import variable_words
from begleitforschung.stats.suppression import distinct_diversity, group_sizes
from begleitforschung.surveys import Survey

_MOST = 8  # keys; their combinations double with each
_SOURCE = Source(publisher="eigene Daten", title="Tabelle")


def uniqueness(
    data: Survey | pd.DataFrame,
    keys: str | Sequence[str],
    sensitive: str | None = None,
    *,
    k: int = 3,
    l: int = 2,  # noqa: E741
    source: Source | None = None,
) -> UniquenessResult:
    """Count the records that could be recognised by each combination of what is known of them.

    To be asked before single records are passed on, for example to a research data centre. A class
    are all records with the same values of the keys; a missing value is a value of its own.

    Parameters
    ----------
    data : Survey or pandas.DataFrame
        One row per record.
    keys : str or sequence of str
        Variables that somebody may know of a respondent; items with one answer, variables of the
        frame, or columns. At most 8.
    sensitive : str, optional
        Item or column that must not be found out.
    k : int
        Records that share all keys at least (k-anonymity).
    l : int
        Different values of `sensitive` in a class at least (distinct l-diversity).
    source : Source, optional
        Where a table of your own comes from.

    Returns
    -------
    UniquenessResult
        One row per combination of keys, with numbers of records and no values: it may be shown.

    Raises
    ------
    UnknownCodeError
        If there is no such item or column.
    ValidationError
        If keys are missing, given twice or too many, `sensitive` is among them, or k or l is below
        1.

    Examples
    --------
    >>> frame = pd.DataFrame({"land": ["BY", "BY", "BY", "NW"], "art": ["a", "a", "b", "a"]})
    >>> uniqueness(frame, ["land", "art"], k=2).table[["keys", "unique", "below_k"]].to_numpy()
    array([['land', 1, 1],
           ['art', 1, 1],
           ['land × art', 2, 2]], dtype=object)
    """
    names = [keys] if isinstance(keys, str) else list(keys)
    if not 0 < len(names) <= _MOST or len(set(names)) < len(names) or sensitive in names:
        raise ValidationError(
            f"keys= needs 1 to {_MOST} variables, each once, and sensitive= none of them"
        )
    if k < 1 or l < 1:
        raise ValidationError("k and l are numbers of records and answers, 1 at least")
    codes = np.column_stack([_codes(data, name) for name in names])
    answers = None if sensitive is None else _codes(data, sensitive)
    rows = []
    for size in range(1, len(names) + 1):
        for chosen in combinations(range(len(names)), size):
            own = codes[:, list(chosen)]
            rows.append(
                {"keys": joined(tuple(names[at] for at in chosen))} | _numbers(own, answers, k, l)
            )
    used = [*names, *([sensitive] if sensitive else [])]
    return UniquenessResult(
        table=pd.DataFrame(rows),
        specification={"keys": names, "sensitive": sensitive, "k": k, "l": l},
        provenance=_provenance(data, used, source).then("uniqueness", keys=names, k=k, l=l),
        protected=True,
        titles={name: _title(data, name) for name in names},
        n=len(codes),
    )


def _provenance(
    data: Survey | pd.DataFrame, names: Sequence[str], source: Source | None
) -> Provenance:
    if isinstance(data, Survey):
        return data.traced(answers_among(data, names))
    return Provenance.of("table", source or _SOURCE)


def _title(data: Survey | pd.DataFrame, name: str) -> Text:
    if isinstance(data, Survey) and name in data.codebook.columns():
        return data.codebook.label(name)
    return variable_words(name)


def _codes(data: Survey | pd.DataFrame, name: str) -> np.ndarray:
    """Return the values of a variable as numbers, -1 where it is missing."""
    if not isinstance(data, Survey):
        if name not in data.columns:
            raise UnknownCodeError(name, map(str, data.columns), "columns of the table")
        return np.asarray(pd.factorize(data[name])[0], np.int64)
    known = data.codebook.columns()
    if name in known and not known[name].coded:
        (column,) = data.columns_of(name)
        return np.asarray(pd.factorize(data.responses[column])[0], np.int64)
    return grouped(data, name, None).codes


def _numbers(
    codes: np.ndarray,
    answers: np.ndarray | None,
    k: int,
    l: int,  # noqa: E741
) -> dict[str, object]:
    sizes = group_sizes(codes)
    found: dict[str, object] = {
        "classes": len(np.unique(codes, axis=0)),
        "smallest": int(sizes.min(initial=len(codes))),
        "unique": int((sizes == 1).sum()),
        "below_k": int((sizes < k).sum()),
        "diversity": pd.NA,
        "below_l": pd.NA,
    }
    if answers is not None:
        different = distinct_diversity(codes, answers)
        found["diversity"] = int(different.min(initial=len(codes)))
        found["below_l"] = int((different < l).sum())
    return found
