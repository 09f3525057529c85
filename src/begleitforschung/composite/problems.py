"""Problems with single values, told by unit, year and indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from begleitforschung.composite.state import Rows
from begleitforschung.errors import CompositeError, Finding, Severity
from begleitforschung.language import Text


def finding(
    rule: str,
    text: Text,
    *,
    key: str = "",
    column: str = "",
    hint: Text | None = None,
    n: int = 1,
    severity: Severity = "error",
) -> Finding:
    """Return a finding of a step.

    Parameters
    ----------
    rule : str
        Identifier, without ``index.``.
    text : Text
        What is wrong.
    key : str
        Unit and year, or node.
    column : str
        Indicator or node.
    hint : Text, optional
        What to do.
    n : int
        Number of cells concerned.
    severity : {"error", "warning", "info"}
        How bad it is.

    Returns
    -------
    Finding
        The finding.
    """
    return Finding(
        rule=f"index.{rule}",
        severity=severity,
        text=text,
        hint=hint,
        key=key or None,
        column=column or None,
        n=n,
    )


def of_cells(
    rule: str,
    text: Text,
    rows: Rows,
    names: Sequence[str],
    at: Iterable[tuple[int, int]],
    *,
    hint: Text | None = None,
) -> list[Finding]:
    """Return one finding for each cell.

    Parameters
    ----------
    rule : str
        Identifier, without ``index.``.
    text : Text
        What is wrong.
    rows : Rows
        Units and years.
    names : sequence of str
        Columns.
    at : iterable of (int, int)
        Row and column of each cell.
    hint : Text, optional
        What to do.

    Returns
    -------
    list of Finding
        In the order of the cells.
    """
    return [finding(rule, text, key=rows.name(r), column=names[c], hint=hint) for r, c in at]


def refuse(stage: str, what: str, findings: Sequence[Finding]) -> CompositeError:
    """Return the error of a step that has no meaning on these values.

    Parameters
    ----------
    stage : str
        Name of the stage.
    what : str
        What is wrong, in short.
    findings : sequence of Finding
        Every cell or indicator concerned.

    Returns
    -------
    CompositeError
        To be raised.
    """
    return CompositeError(f"step '{stage}': {what} ({len(findings)}):", findings=findings)
