"""Earlier publications of the same wave, made into estimates again so that they can be linked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from begleitforschung.disclosure.choosing import is_secret, used_items
from begleitforschung.disclosure.linking import Place
from begleitforschung.disclosure.positions import BASE, BY_HAND, EXTRAPOLATED, Position, positions
from begleitforschung.disclosure.registry import Registry, registry_at
from begleitforschung.disclosure.told_again import is_of_model, marked_positions, sums_again
from begleitforschung.errors import BegleitforschungError, DisclosureError
from begleitforschung.estimation.blocks import STATISTICS
from begleitforschung.estimation.estimate import estimate
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Codebook, Survey, parse_filter
from begleitforschung.surveys.sample_design import JOIN

_NOTHING = (BASE, EXTRAPOLATED)  # hidden, they say nothing of the sums of a table
_GROUP = {"statistic": "", "category": "", "domain": "", "prob": None}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Earlier:
    """What was published before about columns that are to be shown again.

    Parameters
    ----------
    results : tuple of Estimate
        Its tables, made again from the answers; not protected.
    shown, hidden : frozenset of (int, int)
        Their rows that were shown and hidden: number of the result and row of its table.
    registry : Registry, optional
        Where it stands.
    """

    results: tuple[Estimate, ...] = ()
    shown: frozenset[Place] = field(default=frozenset(), repr=False)
    hidden: frozenset[Place] = field(default=frozenset(), repr=False)
    registry: Registry | None = field(default=None, repr=False)

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

    def settled(
        self, results: Sequence[Estimate], carried: Mapping[int, frozenset[int]]
    ) -> tuple[frozenset[Place], frozenset[Place]]:
        """Return what can't be hidden or shown any more, of these results and the earlier ones.

        Parameters
        ----------
        results : sequence of Estimate
            What is to be shown now; the earlier tables are numbered behind them.
        carried : mapping of int to frozenset of int
            Their rows that other results tell anyway.

        Returns
        -------
        fixed, gone : frozenset of (int, int)
            Rows; of a base the row that has it as ``-1 - row``.
        """
        fixed = {(number, at) for number, rows in carried.items() for at in rows}
        gone: set[Place] = set()
        if self.registry is None:
            return frozenset(fixed), frozenset(gone)
        shown, hidden = self.registry.known(), self.registry.hidden()
        told = shown | {p for p in hidden if p.statistic not in _NOTHING}
        for number, result in enumerate([*results, *self.results]):
            for at, plain in enumerate(marked_positions(result)):
                for position in _both(plain) if number >= len(results) else (plain,):
                    if position in told:
                        (fixed if position in shown else gone).add((number, at))
                        lost = position.of_base() in hidden
                        (gone if lost else fixed).add((number, -1 - at))
        return frozenset(fixed), frozenset(gone)


def registry_of(survey: Survey, given: Registry | None) -> Registry | None:
    """Return what was published of a wave: as it is given, else as the survey says.

    Parameters
    ----------
    survey : Survey
        The survey.
    given : Registry, optional
        The one given.

    Returns
    -------
    Registry or None
        The registry; none where the survey names no file.

    Raises
    ------
    ValidationError
        If it is that of another wave.
    CatalogueError, SourceFileError
        If the file can't be read.
    """
    if given is not None:
        given.require_of(survey.codebook)
        return given
    return None if survey.registry is None else registry_at(survey.registry, survey.codebook)


def earlier(
    survey: Survey,
    registry: Registry | None,
    results: Sequence[Estimate],
    carried: Mapping[int, frozenset[int]],
) -> Earlier:
    """Make the tables again that were published before about the questions of results.

    Parameters
    ----------
    survey : Survey
        The survey.
    registry : Registry, optional
        What was published of its wave.
    results : sequence of Estimate
        What is to be shown now; what stands in them again is not made twice.
    carried : mapping of int to frozenset of int
        Those of which only some rows are shown, by other results.

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
    known = registry.known()
    told = known | {p for p in registry.hidden() if p.statistic not in _NOTHING}
    now = {
        position
        for number, result in enumerate(results)
        for at, position in enumerate(positions(result))
        if number not in carried or at in carried[number]
    }
    about = set(_linked(survey.codebook, told - now, used_items(survey, results)))
    tables: dict[Position, dict[str, None]] = {}
    of_models = frozenset(p for p in about if is_of_model(p))
    for p in sorted(about - of_models, key=_order):
        table = p.model_copy(update={**_GROUP, "column": "", "statistic": p.statistic,
                                     "prob": p.prob})  # fmt: skip
        tables.setdefault(table, {})[p.column] = None
    made = [_again(survey, table, list(columns)) for table, columns in tables.items()]
    made += sums_again(survey, registry.wholes(), of_models)
    shown: set[Place] = set()
    hidden: set[Place] = set()
    for number, result in enumerate(made):
        for at, plain in enumerate(marked_positions(result)):
            for position in _both(plain):
                if position in about:
                    (shown if position in known else hidden).add((number, at))
    return Earlier(
        results=tuple(made),
        shown=frozenset(shown),
        hidden=frozenset(hidden - shown),
        registry=registry,
    )


def _order(position: Position) -> tuple[str, ...]:
    return tuple(map(str, position.model_dump().values()))


def _both(position: Position) -> Iterator[Position]:
    """Return a position, and that of an extrapolation of the same sum."""
    yield position
    if position.statistic == "total":
        yield position.model_copy(update={"statistic": EXTRAPOLATED})


def _linked(
    codebook: Codebook, told: Collection[Position], names: Collection[str]
) -> Iterator[Position]:
    """Return the positions that tell of some questions, or of those that they are crossed with."""
    questions = {p: _questions(codebook, _names(p)) for p in told}
    near = _questions(codebook, names)
    while found := [p for p, own in questions.items() if own & near]:
        for p in found:
            near |= questions.pop(p)
            yield p


def _names(position: Position) -> list[str]:
    filters = position.where if position.where != BY_HAND else ""
    further = (position.denominator, position.weight_by)
    columns = parse_filter(filters).columns if filters else ()
    return [position.column, *position.by.split(JOIN), *filter(None, further), *columns]


def _questions(codebook: Codebook, names: Collection[str]) -> set[str]:
    """Return the columns of the questions among some names whose answers are secret."""
    columns = codebook.columns()
    items = {item.id: item for item in codebook.items}
    found: set[str] = set()
    for name in names:
        item = columns.get(name) or items.get(name)
        if item is not None and is_secret(item):
            found |= {name} if name in columns else set(item.columns)
    return found


def _again(survey: Survey, table: Position, columns: list[str]) -> Estimate:
    statistic = "total" if table.statistic == EXTRAPOLATED else table.statistic
    try:
        return estimate(
            survey,
            columns,
            by=table.by.split(JOIN) if table.by else None,
            statistic=statistic if statistic in STATISTICS else None,
            prob=0.5 if table.prob is None else table.prob,
            denominator=table.denominator or None,
            weight_by=table.weight_by or None,
            base=table.base,
            where=table.where or None,
            total=table.by == "",
        )
    except BegleitforschungError as error:
        raise DisclosureError(
            f"a table published before ({', '.join(columns)} by {table.by or 'all'}) can't be made "
            f"again, so it can't be linked with what is to be shown now: {error}"
        ) from error
