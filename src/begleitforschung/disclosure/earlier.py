"""Earlier publications of the same wave, made into estimates again so that they can be linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from begleitforschung.disclosure.positions import Position, positions
from begleitforschung.disclosure.registry import Registry
from begleitforschung.errors import BegleitforschungError, DisclosureError
from begleitforschung.estimation.blocks import STATISTICS
from begleitforschung.estimation.estimate import estimate
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Survey
from begleitforschung.surveys.sample_design import JOIN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Earlier:
    """What was published before about columns that are to be shown again.

    Parameters
    ----------
    results : tuple of Estimate
        Its tables, made again from the answers; not protected.
    shown, hidden : frozenset of (int, int)
        Their rows that were shown and hidden: number of the result and row of its table.
    """

    results: tuple[Estimate, ...] = ()
    shown: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False)
    hidden: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False)

    def rows(self, number: int) -> frozenset[int]:
        """Return the rows of a result that were published, shown or hidden.

        Parameters
        ----------
        number : int
            Number of the result.

        Returns
        -------
        frozenset of int
            Rows of its table.
        """
        return frozenset(at for of, at in self.shown | self.hidden if of == number)


def earlier(survey: Survey, registry: Registry | None, columns: Sequence[str]) -> Earlier:
    """Make the tables again that were published before about some columns.

    Parameters
    ----------
    survey : Survey
        The survey.
    registry : Registry, optional
        What was published of its wave.
    columns : sequence of str
        Columns that are to be shown now.

    Returns
    -------
    Earlier
        The tables.

    Raises
    ------
    DisclosureError
        If a table can't be made again from this survey.
    """
    if registry is None:
        return Earlier()
    about = [p for p in registry.shown() | registry.hidden() if p.column in columns]
    tables = sorted({(p.column, p.statistic, p.by, p.where) for p in about})
    results = tuple(_again(survey, *table) for table in tables)
    told = {_plain(p): p for p in about}
    shown: set[tuple[int, int]] = set()
    hidden: set[tuple[int, int]] = set()
    for number, result in enumerate(results):
        for at, position in enumerate(positions(result)):
            if (found := told.get(_plain(position))) is not None:
                (shown if found in registry.shown() else hidden).add((number, at))
    return Earlier(results=results, shown=frozenset(shown), hidden=frozenset(hidden))


def _again(survey: Survey, column: str, statistic: str, by: str, where: str) -> Estimate:
    names = by.split(JOIN) if by else None
    known = statistic in STATISTICS and statistic != "ratio"
    try:
        return estimate(
            survey,
            column,
            by=names,
            statistic=statistic if known else None,  # type: ignore[arg-type]
            where=where or None,
            total=by == "",
        )
    except BegleitforschungError as error:
        raise DisclosureError(
            f"a table published before ({column} by {by or 'all'}) can't be made again, so "
            f"it can't be linked with what is to be shown now: {error}"
        ) from error


def _plain(position: Position) -> Position:
    """Return a position without what does not change whose answers it adds up."""
    return position.model_copy(update={"variant": ""})
