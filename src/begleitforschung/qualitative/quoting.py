"""`quotes`: released passages of some codes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from begleitforschung.qualitative.counting import code_sets, counted
from begleitforschung.qualitative.passages import Passages
from begleitforschung.results.quotes import Quotes


def quotes(
    passages: Passages, codes: str | Sequence[str] = (), *, lead: str | None = None
) -> Quotes:
    """Return the passages of some codes as quotes.

    Each must have been released by somebody, or the result is not shown; ``.released()`` keeps
    those that were. Texts that were not released are nowhere in the result.

    Parameters
    ----------
    passages : Passages
        Coded passages.
    codes : str or sequence of str
        Codes, those below them included; by default all.
    lead : str, optional
        Person whose coding counts where several coded a passage differently.

    Returns
    -------
    Quotes
        One row per passage.

    Raises
    ------
    UnknownCodeError
        If the coding frame has no such code, or there is no such person.
    ValidationError
        If passages were coded differently and it is not said whose coding counts.

    Examples
    --------
    With passages of your own::

        bf.quotes(passages, "hemmnisse").released().display()
    """
    frame = passages.frame
    wanted = [frame.code(name).id for name in ([codes] if isinstance(codes, str) else codes)]
    rows = counted(passages, lead)
    sets = code_sets(passages, rows)
    fit = [bool(found & set(wanted)) if wanted else bool(found) for found in sets]
    chosen = rows[pd.Series(fit, index=rows.index, dtype=bool)]
    released = chosen["text"] != ""
    order = {code: at for at, code in enumerate(frame.lineages)}
    first = chosen["codes"].map(lambda cell: min(order[code] for code in cell.split(";")))
    at = first.sort_values(kind="stable").index
    table = chosen.assign(released=released)[["row", "codes", "released", "text", "attribution"]]
    return Quotes(
        table=table.loc[at].reset_index(drop=True),
        specification={"codes": wanted, "lead": lead},
        provenance=passages.provenance.then("quotes", codes=wanted, lead=lead),
        protected=True,
        labels=frame.labels,
        file=passages.file,
    )
