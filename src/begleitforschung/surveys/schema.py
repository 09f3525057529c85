"""The schema that a codebook prescribes for answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.surveys.codebook import MENTIONED, NOT_MENTIONED, Codebook, Item

if TYPE_CHECKING:
    import pandera.pandas as pa

_DTYPES = {"number": "float64", "date": "datetime64[us]", "text": "str"}


def dtype_of(item: Item) -> object:
    """Return the dtype that the columns of an item have.

    Parameters
    ----------
    item : Item
        The item.

    Returns
    -------
    str or pandas.CategoricalDtype
        Categorical for coded items, with their answers in order.
    """
    if item.kind == "multiple":
        return pd.CategoricalDtype([NOT_MENTIONED, MENTIONED])
    if item.coded:
        codes = [code.code for code in item.answers]
        return pd.CategoricalDtype(codes, ordered=item.cell_kind == "scale")
    return _DTYPES[item.cell_kind]


def schema_of(codebook: Codebook) -> pa.DataFrameSchema:
    """Return the schema of the responses as pandera checks it.

    Parameters
    ----------
    codebook : Codebook
        The codebook.

    Returns
    -------
    pandera.DataFrameSchema
        A nullable column for each column of the codebook that is not personal, with its codes,
        bounds and whole numbers. Columns may be missing: a selection is a survey too.
    """
    import pandera.pandas as pa

    columns = {
        name: pa.Column(
            dtype_of(item),
            checks=_checks(item),
            nullable=True,
            required=False,
            title=codebook.label(name).de,
        )
        for name, item in codebook.columns().items()
        if item.grade != "personal"
    }
    return pa.DataFrameSchema(columns, strict=True, name=codebook.id)


def _checks(item: Item) -> list[pa.Check]:
    import pandera.pandas as pa

    found = []
    if item.cell_kind == "number":
        if item.min is not None:
            found.append(pa.Check.ge(item.min, name="min"))
        if item.max is not None:
            found.append(pa.Check.le(item.max, name="max"))
        if item.integer:
            found.append(pa.Check(lambda values: values == np.floor(values), name="integer"))
    return found


def shape_problems(
    responses: pd.DataFrame,
    status: pd.DataFrame,
    cases: pd.DataFrame,
    codebook: Codebook,
    of_cases: tuple[str, ...],
    n_statuses: int,
) -> list[Finding]:
    """Find what makes tables no survey of a codebook.

    Parameters
    ----------
    responses, status, cases : pandas.DataFrame
        Parts of a `Survey`.
    codebook : Codebook
        Its codebook.
    of_cases : tuple of str
        Columns that `cases` must have.
    n_statuses : int
        Number of statuses.

    Returns
    -------
    list of Finding
        All problems, without values.
    """
    if not len(responses) == len(status) == len(cases):
        return [_problem("rows", None, "Zahl der Zeilen verschieden", "numbers of rows differ")]
    found = []
    if list(cases.columns) != list(of_cases):
        found.append(_problem("cases", None, "Spalten der Fälle", "columns of the cases"))
    elif cases["case"].duplicated().any():
        found.append(_problem("case_twice", "case", "Fall doppelt", "a case stands twice"))
    if list(responses.columns) != list(status.columns):
        text = ("Spalten und Status passen nicht", "columns of answers and status differ")
        return [*found, _problem("status", None, *text)]
    known = codebook.columns()
    dtypes = {item.id: dtype_of(item) for item in codebook.items}
    for name in responses.columns:
        item = known.get(name)
        expected = None if item is None else dtypes[item.id]
        found += _column_problems(name, responses[name], item, expected)
    codes = status.to_numpy(np.int8)
    if codes.size and (codes.min() < 0 or codes.max() >= n_statuses):
        found.append(_problem("status", None, "unbekannter Status", "unknown status"))
    unequal = (responses.notna().to_numpy() != (codes <= 1)).sum(axis=0)
    for name, n in zip(responses.columns, unequal, strict=True):
        if n:
            text = ("Wert und Status widersprechen sich", "value and status contradict each other")
            found.append(_problem("status_value", str(name), *text, n=int(n)))
    return found


def _column_problems(
    name: str, values: pd.Series, item: Item | None, dtype: object
) -> list[Finding]:
    if item is None:
        return [_problem("unknown_column", name, "nicht im Codebuch", "not in the codebook")]
    if item.grade == "personal":
        text = ("personenbezogene Spalte in den Antworten", "personal column among the responses")
        return [_problem("personal", name, *text)]
    expected = pd.api.types.pandas_dtype(dtype)
    same_kind = values.dtype == expected
    if isinstance(expected, pd.CategoricalDtype) and isinstance(values.dtype, pd.CategoricalDtype):
        same_kind = list(values.dtype.categories) == list(expected.categories)
    if not same_kind:
        return [_problem("dtype", name, f"erwartet {expected}", f"expected {expected}")]
    return []


def _problem(rule: str, column: str | None, de: str, en: str, *, n: int = 1) -> Finding:
    return Finding(rule=f"survey.{rule}", severity="error", text=Text(de, en), column=column, n=n)
