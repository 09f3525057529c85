"""Results of one call: what they tell, and what can be given up so that the rest is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from begleitforschung.disclosure.carriers import Carrier
from begleitforschung.disclosure.classes import Tests
from begleitforschung.disclosure.policies import Policy
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.group_tests import OF_CODES
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.scale import ScaleResult
from begleitforschung.results.significance import Significance

Alone = Callable[[Sequence[Estimate]], list[Estimate]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One result of a call.

    Parameters
    ----------
    at : int
        Its place.
    result : Result
        Not yet protected.
    sums : tuple of Estimate
        Estimates that it is hidden row by row with.
    told : tuple of Carrier
        Sums that it tells as a whole.
    coarse : tuple of Carrier
        Tables of tests of which only a bound of p is shown, so that their rows can be hidden.
    silent : tuple of Carrier
        Tables of tests of which nothing is shown.
    policy : Policy, optional
        The policy by which it is judged, unless it is made of estimates or may be shown anyway.
    """

    at: int
    result: Result
    sums: tuple[Estimate, ...]
    told: tuple[Carrier, ...] = ()
    coarse: tuple[Carrier, ...] = ()
    silent: tuple[Carrier, ...] = ()
    policy: Policy | None = None

    @property
    def name(self) -> str:
        """Its kind and place in the call."""
        return f"{type(self.result).__name__} (result {self.at + 1} of the call)"

    @property
    def places(self) -> str:
        """Where it tells sums."""
        every = (*self.told, *self.coarse, *self.silent)
        return ", ".join(dict.fromkeys(one.place for one in every))

    @property
    def mute(self) -> bool:
        """Whether nothing is left of it."""
        return bool(self.silent) and not self.told and not self.coarse

    @property
    def tests(self) -> Tests:
        """Tests that are not shown in full."""
        return Tests(
            result=self.result if isinstance(self.result, Significance) else None,
            bounds=frozenset(one.test for one in self.coarse if one.test),
            silent=frozenset(one.test for one in self.silent if one.test),
        )

    def silent_about(self, columns: Collection[str]) -> Part:
        """Return the same without a bound of p of tests of some columns.

        Parameters
        ----------
        columns : collection of str
            Columns of the answers.

        Returns
        -------
        Part
            The same result.
        """
        gone = [one for one in self.coarse if one.test and one.test[0] in columns]
        kept = tuple(one for one in self.coarse if one not in gone)
        return replace(self, coarse=kept, silent=(*self.silent, *gone))

    def without(self, unsafe: Collection[Carrier], lost: Collection[Carrier]) -> Part:
        """Return the same without the statistics of some tests.

        Parameters
        ----------
        unsafe : collection of Carrier
            Tables that must not be shown in full: of codes a bound of p is left.
        lost : collection of Carrier
            Tables that can't be protected: nothing is left.

        Returns
        -------
        Part
            The same result.
        """
        gone = [one for one in self.told if one in unsafe or one in lost]
        coarse = [one for one in gone if one not in lost and one.test and one.test[2] in OF_CODES]
        return replace(
            self,
            told=tuple(one for one in self.told if one not in gone),
            coarse=(*self.coarse, *coarse),
            silent=(*self.silent, *(one for one in gone if one not in coarse)),
        )


def ways(parts: list[Part], alone: Alone) -> Iterator[list[Part]]:
    """Yield the results in full, then with less and less of what can be given up.

    First the items of scales and the statistics of tests that must not be shown by themselves; then
    those of all tests; then those of all scales. Of a scale alpha is left, of a test of codes a
    bound of p.

    Parameters
    ----------
    parts : list of Part
        Results in full.
    alone : callable
        Protects estimates by themselves.

    Yields
    ------
    list of Part
        The same results.
    """
    yield parts
    scales = {part.at for part in parts if isinstance(part.result, ScaleResult) and part.sums}
    tests = [one for part in parts for one in part.told if one.test]
    verdicts = [_verdict(one, alone) for one in tests]
    lost = [one for one, verdict in zip(tests, verdicts, strict=True) if verdict == "lost"]
    unsafe = [one for one, verdict in zip(tests, verdicts, strict=True) if verdict == "unsafe"]
    failing = {at for at in scales if not _showable(parts[at].sums, alone)}
    fewer = [part.without(unsafe, lost) for part in parts]
    fewer = [replace(part, sums=()) if part.at in failing else part for part in fewer]
    if failing or unsafe or lost:
        yield fewer
    if len(unsafe) + len(lost) < len(tests):
        fewer = [part.without(tests, lost) for part in fewer]
        yield fewer
    if scales - failing:
        yield [replace(part, sums=()) if part.at in scales else part for part in fewer]


def _showable(sums: Sequence[Estimate], alone: Alone) -> bool:
    try:
        alone(sums)
    except DisclosureError:
        return False
    return True


def _verdict(one: Carrier, alone: Alone) -> str:
    """Say whether a table may be shown in full, in part, or can't be protected by hiding rows."""
    try:
        (made,) = alone([one.estimate])
    except DisclosureError:
        return "lost"
    hidden = {at for at, mark in enumerate(made.table["suppressed"]) if mark}
    return "unsafe" if hidden & one.rows else "shown"
