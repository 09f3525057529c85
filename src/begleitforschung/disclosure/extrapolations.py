"""Extrapolated totals: hidden where the sums of the same answers are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.disclosure.masking import forget_masked
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation

_TELLING = ("estimate", "se", "low", "high", "df", "per_head", "per_head_se")
_OF_BASES = ("covered", "answered", "coverage", "empty", "tiny")  # beside n
_OF_CASES = ("outlier", "influence")
_THIN = ("extrapolation.empty", "extrapolation.tiny")  # strata without or with few answers


def shared_columns(safe: Sequence[Estimate]) -> set[str]:
    """Return the columns that several results tell of and of which something is hidden.

    Parameters
    ----------
    safe : sequence of Estimate
        Protected.

    Returns
    -------
    set of str
        Columns of the answers.
    """
    columns = [column for made in safe for column in made.questions]
    hidden = {
        str(column)
        for made in safe
        for column in made.table.loc[made.table["suppressed"] != "", "column"]
    }
    return {column for column in hidden if columns.count(column) > 1}


def masked_extrapolation(
    result: Extrapolation, sums: Estimate, shared: Collection[str]
) -> Extrapolation:
    """Hide extrapolated totals where the sums of the same answers are hidden.

    An extrapolated total is a sum of the same answers with other weights. Where other results tell
    of the same question and something of it is hidden, it is hidden throughout, as two differently
    weighted sums tell more than one.

    Parameters
    ----------
    result : Extrapolation
        Not yet protected.
    sums : Estimate
        Its sums, protected.
    shared : collection of str
        Columns of which it is hidden throughout, see `shared_columns`.

    Returns
    -------
    Extrapolation
        Without influence and outliers, which tell of single cases.
    """
    if sums.protection is None:
        return result
    keys = ["column", "by", "domain"]
    gone = sums.table.loc[sums.table["suppressed"] != "", keys]
    places = set(gone.itertuples(index=False, name=None))
    rows = result.table[keys].itertuples(index=False, name=None)
    hidden = np.array([place in places or place[0] in shared for place in rows], np.bool_)
    table = result.table.assign(suppressed=np.where(hidden, "hidden", ""))
    table = table.astype({"suppressed": "str"})
    table.loc[hidden, [name for name in _TELLING if name in table.columns]] = np.nan
    _round_as_printed(table)
    bases = sums.table.loc[sums.table["n"].isna(), keys]
    baseless = _hide_bases(table, set(bases.itertuples(index=False, name=None)))
    left_out = (*_OF_CASES, *_THIN) if baseless else _OF_CASES
    told = sums.protection.of(table["suppressed"])
    return replace(
        result,
        table=table,
        protected=True,
        protection=told,
        influence=_emptied(result.influence),
        outliers=_emptied(result.outliers),
        findings=tuple(f for f in result.findings if not any(w in f.rule for w in left_out)),
        sums=None,
        provenance=result.provenance.then("protect", policy=told.policy, version=told.version),
    )


def _hide_bases(table: pd.DataFrame, places: set[tuple[str, str, str]]) -> bool:
    """Empty what tells how many answered in groups whose base is hidden, if there are any."""
    rows = table[["column", "by", "domain"]].itertuples(index=False, name=None)
    gone = np.array([place in places for place in rows], np.bool_)
    if not gone.any():
        return False
    whole = ["n", "empty", "tiny"]
    table[whole] = table[whole].astype("Int64")
    table.loc[gone, ["n", *_OF_BASES]] = pd.NA
    forget_masked(table)
    return True


def _round_as_printed(table: pd.DataFrame) -> None:
    """Leave two digits of the standard error, as further ones tell which answers add up."""
    for spread, names in (("se", ("estimate", "low", "high")), ("per_head_se", ("per_head",))):
        errors = table[spread].to_numpy(np.float64)
        known = np.isfinite(errors) & (errors > 0)
        steps = 10.0 ** (np.floor(np.log10(np.where(known, errors, 1.0))) - 1)
        for name in (*names, spread):
            values = table[name].to_numpy(np.float64)
            table[name] = np.where(known, np.round(values / steps) * steps, values)


def _emptied(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[:0]
