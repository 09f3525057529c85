"""What of an estimate is kept secret, and which cells would be shown if nothing were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from begleitforschung.display.numbers import is_missing
from begleitforschung.display.tables import Cell
from begleitforschung.results.estimate_words import SHARES, is_secret

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

_NAMED = 3


def base_cell(row: Mapping[str, Any]) -> int | Cell:
    """Return the base of a row for a table.

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.

    Returns
    -------
    int or Cell
        Cases; a cell without a value where answers decide them and they are kept secret.
    """
    return Cell(value=None, secret=True) if is_missing(row["n"]) else int(row["n"])


def known_bases(bases: Iterable[Any]) -> list[int | None]:
    """Return bases for a figure.

    Parameters
    ----------
    bases : iterable of int
        Cases of each row, missing where they are kept secret.

    Returns
    -------
    list of int or None
        The same, nothing where they are kept secret.
    """
    return [None if is_missing(n) else int(n) for n in bases]


def withholds_share(result: Estimate, row: Mapping[str, Any]) -> bool:
    """Say whether the share of a row is kept secret though its count is shown.

    Parameters
    ----------
    result : Estimate
        The estimates.
    row : mapping
        Row of `Estimate.table`.

    Returns
    -------
    bool
        Whether it is.
    """
    if result.protection is None or is_secret(row, result.min_n):
        return False
    return is_missing(row["estimate"]) and not is_missing(row["count"]) and row["n"] > 0


def withholds_interval(result: Estimate, row: Mapping[str, Any]) -> bool:
    """Say whether a row has an interval that is kept secret though its estimate is shown.

    Parameters
    ----------
    result : Estimate
        The estimates.
    row : mapping
        Row of `Estimate.table`.

    Returns
    -------
    bool
        Whether it does: with a design, every estimate has one unless all answered.
    """
    least = result.min_n if row["statistic"] in SHARES else 1
    if not _shown(result, row, least) or result.design is None or row["method"] == "complete":
        return False
    return is_missing(row["low"]) or is_missing(row["high"])


def withholds_counts(result: Estimate, row: Mapping[str, Any]) -> bool:
    """Say whether a row has exact bounds that are kept secret though its estimate is shown.

    Parameters
    ----------
    result : Estimate
        The estimates.
    row : mapping
        Row of `Estimate.table`.

    Returns
    -------
    bool
        Whether it does.
    """
    if result.protection is None or row["suppressed"]:
        return False
    return row["method"] == "hypergeometric" and is_missing(row["count_low"])


def withholds_extremes(result: Estimate, row: Mapping[str, Any]) -> bool:
    """Say whether a row has extremes that are kept secret though its estimate is shown.

    Parameters
    ----------
    result : Estimate
        The estimates.
    row : mapping
        Row of `Estimate.table`.

    Returns
    -------
    bool
        Whether it does.
    """
    if row["statistic"] not in SHARES or not _shown(result, row, result.min_n):
        return False
    invited = result.design is not None and result.design.kind == "invitation"
    return invited and is_missing(row["worst_low"])


def _shown(result: Estimate, row: Mapping[str, Any], least: int) -> bool:
    """Say whether a protected row shows an estimate or a count of as many cases."""
    if result.protection is None or is_secret(row, result.min_n) or row["n"] < least:
        return False
    return not (is_missing(row["estimate"]) and is_missing(row["count"]))


def hides(result: Estimate) -> bool:
    """Say whether anything in the table of an estimate is kept secret.

    Parameters
    ----------
    result : Estimate
        The estimates.

    Returns
    -------
    bool
        Whether a reader sees a point somewhere.
    """
    return any(
        is_secret(row, result.min_n)
        or withholds_share(result, row)
        or withholds_interval(result, row)
        or withholds_counts(result, row)
        or withholds_extremes(result, row)
        for row in result.rows()
    )


def places(result: Estimate) -> str:
    """Name the first cells of an estimate by question, answer and domain, without any figure.

    Parameters
    ----------
    result : Estimate
        The estimates.

    Returns
    -------
    str
        How many there are, and the first ones, for the message of an error.
    """
    named = []
    for row in result.rows()[:_NAMED]:
        answer = f", answer {row['category']!r}" if row["category"] else ""
        domain = f", {row['by']} = {row['domain']!r}" if row["by"] else ""
        named.append(f"{row['column']} ({row['statistic']}{answer}{domain})")
    more = ", …" if len(result.table) > _NAMED else ""
    return f": {len(result.table)} cells, {'; '.join(named)}{more}"
