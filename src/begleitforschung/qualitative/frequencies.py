"""`code_frequencies`: in how many cases a code was found."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError
from begleitforschung.qualitative.counting import code_sets, counted
from begleitforschung.qualitative.passages import Passages
from begleitforschung.results.codes import CodeFrequencies


def code_frequencies(
    passages: Passages,
    *,
    by: str | None = None,
    lead: str | None = None,
    min_n: int = 20,
    allow_unprotected: bool = False,
) -> CodeFrequencies:
    """Count the cases in which each code was found.

    A case counts once for each code, and a code includes those below it. All cases of the file are
    the base, those without any code included.

    Parameters
    ----------
    passages : Passages
        Coded passages.
    by : str, optional
        One of their ``groups``.
    lead : str, optional
        Person whose coding counts where several coded a passage differently.
    min_n : int
        Cases from which shares are shown, and not counts only.
    allow_unprotected : bool
        Whether the result may be shown at the own desk although it is confidential.

    Returns
    -------
    CodeFrequencies
        Counts for all codes of the frame, also those that were not found.

    Raises
    ------
    UnknownCodeError
        If there is no such group or person.
    ValidationError
        If passages were coded differently and it is not said whose coding counts.

    Examples
    --------
    With passages of your own::

        bf.code_frequencies(passages, by="staffel", allow_unprotected=True).display()
    """
    if by is not None and by not in passages.groups:
        raise UnknownCodeError(by, passages.groups, "groups of the passages (groups=…)")
    rows = counted(passages, lead)
    sets = code_sets(passages, rows)
    lineages = passages.frame.lineages
    has = pd.DataFrame({code: [code in found for found in sets] for code in lineages}, dtype=bool)
    cases = rows["case"].to_numpy(object)
    groups = np.array([""], object) if by is None else np.array(["", *sorted(set(rows[by]))])
    parts = []
    for group in groups:
        inside = np.ones(len(rows), bool) if not group else rows[by].to_numpy(object) == group
        chosen = has[inside]
        n = len(set(cases[inside]))
        found = chosen.groupby(cases[inside]).any().sum().to_numpy(np.int64)
        parts.append(
            pd.DataFrame(
                {
                    "group": group,
                    "code": pd.Series(list(lineages), dtype="str"),
                    "parent": [(*path[1:2], "")[0] for path in lineages.values()],
                    "depth": [len(path) - 1 for path in lineages.values()],
                    "n": n,
                    "cases": found,
                    "share": found / n,
                    "passages": chosen.sum().to_numpy(np.int64),
                }
            )
        )
    specification = {"by": by, "lead": lead, "min_n": min_n}
    return CodeFrequencies(
        table=pd.concat(parts, ignore_index=True),
        specification=specification,
        provenance=passages.provenance.then("code_frequencies", **specification),
        labels=passages.frame.labels,
        n=len(set(cases)),
        passages=int(((rows["passage"] != "") | (rows["codes"] != "")).sum()),
        by=by or "",
        min_n=min_n,
        allow_unprotected=allow_unprotected,
    )
