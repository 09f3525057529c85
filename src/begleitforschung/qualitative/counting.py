"""Which coding of a passage counts, where several persons coded it."""

from __future__ import annotations

from itertools import compress

import pandas as pd

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.qualitative.passages import Passages


def code_sets(passages: Passages, rows: pd.DataFrame) -> list[frozenset[str]]:
    """Return the codes of each row, with all codes above them.

    Parameters
    ----------
    passages : Passages
        The passages.
    rows : pandas.DataFrame
        Some of their rows.

    Returns
    -------
    list of frozenset of str
        One for each row.
    """
    above = passages.frame.lineages
    return [
        frozenset(name for code in cell.split(";") if code for name in above[code])
        for cell in rows["codes"]
    ]


def counted(passages: Passages, lead: str | None) -> pd.DataFrame:
    """Return one row for each passage.

    Parameters
    ----------
    passages : Passages
        The passages.
    lead : str, optional
        Person whose coding counts where several coded a passage differently.

    Returns
    -------
    pandas.DataFrame
        Rows of `Passages.rows`; of equal codings a released one.

    Raises
    ------
    UnknownCodeError
        If nobody is called so.
    ValidationError
        If a passage was coded differently and `lead` did not code it.
    """
    rows = passages.rows
    coders = sorted(set(rows["coder"]) - {""})
    if lead is not None and lead not in coders:
        raise UnknownCodeError(lead, coders, "coders of the passages")
    sets = pd.Series(code_sets(passages, rows), index=rows.index)
    named = rows[rows["passage"] != ""]
    kept = list(rows.index[rows["passage"] == ""])
    unsettled: list[int] = []
    for _, group in named.groupby("passage", sort=False):
        led = group[group["coder"] == lead] if lead is not None else group[:0]
        if not led.empty:
            kept.append(led.index[0])
        elif len(set(sets[group.index])) == 1:
            released = list(compress(group.index, group["text"] != ""))
            kept.append((released or list(group.index))[0])
        else:
            unsettled += group["row"].tolist()
    if unsettled:
        raise _differently(passages.file, unsettled)
    return rows.loc[sorted(kept)]


def _differently(file: str, rows: list[int]) -> ValidationError:
    finding = Finding(
        rule="passages.coded_differently",
        severity="error",
        text=Text("Stelle verschieden codiert", "passage coded differently"),
        hint=Text(
            "lead= nennt die Person, deren Codierung gilt; oder die Codierungen abgleichen.",
            "lead= names the person whose coding counts; or settle the codings.",
        ),
        file=file,
        row=min(rows),
        column="codes",
        n=len(rows),
        rows=rows_concerned(rows),
    )
    return ValidationError(
        f"{file}: several persons coded passages differently, and it is not said whose coding "
        "counts",
        findings=[finding],
    )
