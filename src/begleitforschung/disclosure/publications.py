"""What a report shows and hides of a wave: positions, gathered from protected results."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Self, TypeVar

import pydantic

from begleitforschung.catalogue import Entry
from begleitforschung.disclosure.positions import (
    Position,
    TablePosition,
    WholePosition,
    edition_of,
    hidden_bases,
    positions,
    table_position,
)
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.results.protection import Edition
from begleitforschung.results.wave_trend import WaveTrend

_Any = TypeVar("_Any", bound=Result)


class Content(Entry):
    """What is published of one edition of a wave by one policy.

    Parameters
    ----------
    policy, version : str
        Policy by which it was protected.
    data : str
        Fingerprint of the data, see `data_fingerprint`.
    shown, hidden : tuple of Position
        Figures that stand in it, and those that it keeps secret.
    tables : tuple of TablePosition
        Cross tables.
    wholes : tuple of WholePosition
        Results that are shown as a whole.
    told : tuple of Position
        Sums that these tell, as far as they are those of a table.
    """

    policy: str
    version: str
    data: str
    shown: tuple[Position, ...] = ()
    hidden: tuple[Position, ...] = ()
    tables: tuple[TablePosition, ...] = ()
    wholes: tuple[WholePosition, ...] = ()
    told: tuple[Position, ...] = ()

    def joined(self, other: Content) -> Self:
        """Add what another part of the same report shows.

        Parameters
        ----------
        other : Content
            Of the same policy and data.

        Returns
        -------
        Content
            Each position once.
        """
        return self.model_copy(
            update={
                name: tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name))))
                for name in PARTS
            }
        )

    def holds(self, other: Content) -> bool:
        """Say whether all positions of another one are known here.

        Parameters
        ----------
        other : Content
            Another one.

        Returns
        -------
        bool
            Whether it tells nothing new.
        """
        return all(set(getattr(other, name)) <= set(getattr(self, name)) for name in PARTS)


_HEAD = ("survey", "wave", "policy", "version", "data", "call", "known")
PARTS = ("shown", "hidden", "tables", "wholes", "told")


class Published(Content):
    """What a report shows of one wave, before it is entered into a registry.

    Parameters
    ----------
    survey, wave : str
        Which wave.
    call : str
        What was protected together, see `Protection.call`.
    known : bool
        Whether it was protected with a registry.
    """

    survey: str
    wave: str
    call: str = ""
    known: bool = False

    def content(self) -> dict[str, Any]:
        """Return all but which wave it is.

        Returns
        -------
        dict
            Parts of a `Content`.
        """
        return {name: getattr(self, name) for name in Content.model_fields}

    def figures(self) -> frozenset[Position]:
        """Return all figures of tables, and those that tests and models tell.

        Returns
        -------
        frozenset of Position
            Shown and hidden ones.
        """
        return frozenset((*self.shown, *self.hidden, *self.told))

    @property
    def head(self) -> tuple[object, ...]:
        """What parts of a report must agree in to be one publication."""
        return tuple(getattr(self, name) for name in _HEAD)


class Publication(Content):
    """What one report showed and hid of a wave.

    Parameters
    ----------
    report : str
        Name of the report.
    date : datetime.date
        When it was published.
    """

    report: str = pydantic.Field(min_length=1)
    date: dt.date

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value

    @property
    def head(self) -> tuple[object, ...]:
        """What is equal in all parts of one publication."""
        return self.report, self.date, self.policy, self.version, self.data


def published(results: Iterable[Result]) -> list[Published]:
    """Gather where the figures of protected results stand.

    Parameters
    ----------
    results : iterable of Result
        What is shown; results that are not made of a survey, and public ones other than estimates,
        tell nothing.

    Returns
    -------
    list of Published
        One for each wave, edition and policy.

    Raises
    ------
    DisclosureError
        If a result is confidential and not protected.
    """
    found: dict[tuple[object, ...], Published] = {}
    for result in results:
        for made in _of(result):
            found[made.head] = found[made.head].joined(made) if made.head in found else made
    return list(found.values())


def in_one_call(made: Sequence[_Any], given: Sequence[Result]) -> list[_Any]:
    """Note in protected results which others they were protected with.

    Parameters
    ----------
    made : sequence of Result
        Results of one call.
    given : sequence of Result
        The same before.

    Returns
    -------
    list of Result
        Those that this call protected bear its fingerprint.
    """
    new = [
        at for at, (one, old) in enumerate(zip(made, given, strict=True))
        if one.protected and not old.protected and one.protection is not None
    ]  # fmt: skip
    told = [one.model_dump(mode="json") for one in published(made[at] for at in new)]
    text = json.dumps(told, sort_keys=True, ensure_ascii=True)
    call = hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
    found = list(made)
    for at in new:
        found[at] = _marked(made[at], call)
    return found


def _marked(result: Any, call: str) -> Any:
    marked = replace(result, protection=replace(result.protection, call=call))
    if not isinstance(marked, WaveTrend):
        return marked
    return replace(marked, estimates=tuple(_marked(one, call) for one in marked.estimates))


def apart(contents: Iterable[Published]) -> list[str]:
    """Find questions that a report tells of in several calls, which did not know of each other.

    Parameters
    ----------
    contents : iterable of Published
        What the report publishes of one wave.

    Returns
    -------
    list of str
        Their columns.
    """
    calls: dict[str, frozenset[Position]] = {}
    for one in contents:
        calls[one.call] = calls.get(one.call, frozenset()) | one.figures()
    found: set[str] = set()
    for mine, yours in combinations(calls.values(), 2):
        if not (mine <= yours or yours <= mine):
            found |= {p.column for p in mine} & {p.column for p in yours}
    return sorted(found)


def _of(result: Result) -> Iterator[Published]:
    if isinstance(result, WaveTrend):
        for part in result.estimates:
            yield from _of(part)
        return
    if result.confidentiality != "public" and not result.protected:
        raise DisclosureError(
            f"an unprotected {type(result).__name__} is no publication; protect it first"
        )
    if (edition := _edition(result)) is not None:
        kept = result.protection
        yield Published(
            survey=edition.survey,
            wave=edition.wave,
            data=edition.data,
            policy=kept.policy if kept else "public",
            version=kept.version if kept else "",
            call=kept.call if kept else "",
            known=kept.known if kept else False,
            **_places(result),
        )


def _edition(result: Result) -> Edition | None:
    if result.protection is not None and result.protection.edition is not None:
        return result.protection.edition
    return edition_of(result.survey) if isinstance(result, Estimate) else None


def _places(result: Result) -> dict[str, Any]:
    if isinstance(result, CrossTable):
        return {"tables": (table_position(result),)}
    if not isinstance(result, Estimate | Extrapolation):
        made = json.dumps(dict(result.specification), sort_keys=True, default=str)
        return {
            "wholes": (WholePosition(kind=type(result).__name__, specification=made),),
            "told": () if result.protection is None else result.protection.told,
        }
    if "suppressed" not in result.table.columns:
        return {"shown": tuple(dict.fromkeys(positions(result)))}
    named = list(zip(positions(result), result.table["suppressed"] != "", strict=True))
    return {
        "shown": tuple(dict.fromkeys(p for p, hide in named if not hide)),
        "hidden": tuple(dict.fromkeys([*(p for p, hide in named if hide), *hidden_bases(result)])),
    }


def extended(
    made: Sequence[Publication], entry: Published, report: str, date: dt.date
) -> tuple[Publication, ...]:
    """Add what a report shows to its publication of the same day, policy and data.

    Parameters
    ----------
    made : sequence of Publication
        What was published before.
    entry : Published
        What is published now.
    report : str
        Name of the report.
    date : datetime.date
        When it is published.

    Returns
    -------
    tuple of Publication
        As before, if the report told all of it on the same data already.
    """
    new = Publication(report=report, date=date, **entry.content())
    own = [old for old in made if (old.report, old.data) == (report, entry.data)]
    if own and _all_of(own).holds(new):
        return tuple(made)
    same = next((old for old in own if old.head == new.head), None)
    if same is None:
        return (*made, new)
    return tuple(same.joined(new) if old is same else old for old in made)


def _all_of(made: Sequence[Publication]) -> Publication:
    first, *others = made
    for other in others:
        first = first.joined(other)
    return first


def torn(made: Iterable[Publication]) -> list[object]:
    """Return what is shown by one publication and hidden by another.

    Parameters
    ----------
    made : iterable of Publication
        Of one wave.

    Returns
    -------
    list
        Positions and cross tables.
    """
    every = list(made)
    shown, hidden = ({p for one in every for p in getattr(one, name)} for name in PARTS[:2])
    tables: dict[TablePosition, set[tuple[str, ...]]] = {}
    differ: list[object] = []
    for table in dict.fromkeys(table for one in every for table in one.tables):
        if tables.setdefault(table.whole(), set(table.hidden)) != set(table.hidden):
            differ.append(table)
    return [*sorted(shown & hidden, key=str), *differ]
