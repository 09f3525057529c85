"""How a result was protected: by which policy, and how many cells are hidden for which reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from begleitforschung.display.numbers import format_number
from begleitforschung.display.secrecy import SECRET as SECRET
from begleitforschung.display.secrecy import SECRET_TEXT as SECRET_TEXT
from begleitforschung.language import Lang, Text

Hidden = Literal["", "hidden"]
FOOTNOTE = Text(
    "„.“ = geheim gehalten, weil sonst einzelne Antwortende zu erkennen wären",
    "“.” = kept secret, as single respondents could be recognised otherwise",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which answers a protected result rests on.

    Parameters
    ----------
    survey : str
        Identifier of the codebook.
    wave : str
        Its wave.
    data : str
        Fingerprint of the data.
    """

    survey: str
    wave: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What was done so that a result may be shown.

    Parameters
    ----------
    policy : str
        Identifier of the policy.
    version : str
        Its version.
    title : Text
        Its name in words.
    rule : Text
        What it demands, in one sentence.
    cells : int
        Cells of the result.
    hidden : int
        Cells that are hidden. Which of them only protect others is nowhere said, as it tells that
        the rest are small.
    min_base : int
        Fewest answering units behind anything that is shown.
    min_count, min_count_crossed : int
        Fewest units behind a count that is not 0; where two answers, or two identifying variables,
        are crossed.
    spare : int, optional
        Groups are hidden if all members but so many gave one answer; not if left out.
    sensitive : bool
        Whether that holds for sensitive items only.
    gap : float
        Part of the information lost that is not proven to be needed; 0 where the choice of the
        cells is proven to be the best.
    results : int
        Results that were protected and audited together.
    edition : Edition, optional
        Which answers it rests on, for the registry of what was published; none for tables of your
        own.
    told : tuple
        Where sums of answers stand that a result shown as a whole tells, for the registry.
    call : str
        Fingerprint of where all figures stand that were protected together.
    known : bool
        Whether it was protected with the registry of what was published before.
    """

    policy: str
    version: str
    title: Text
    rule: Text
    cells: int
    hidden: int
    min_base: int = 0
    min_count: int = 0
    min_count_crossed: int = 0
    spare: int | None = None
    sensitive: bool = False
    gap: float = 0.0
    results: int = 1
    edition: Edition | None = None
    told: tuple[object, ...] = field(default=(), repr=False)
    call: str = ""
    known: bool = False

    def of(self, suppressed: Iterable[str]) -> Protection:
        """Return the numbers of cells of a part of the result.

        Parameters
        ----------
        suppressed : iterable of {"", "hidden"}
            Which cells of the part are hidden.

        Returns
        -------
        Protection
            The same policy.
        """
        cells = [str(mark) for mark in suppressed]
        return replace(self, cells=len(cells), hidden=sum(map(bool, cells)))

    def note(self, lang: Lang) -> str:
        """Say below a table or figure what a point stands for.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            The footnote with the numbers of cells; empty where nothing is hidden.
        """
        if not self.hidden:
            return ""
        # How many are primary is not said: these are counts of 1 or 2, and sums would tell which.
        hidden, cells = (format_number(n, 0, lang) for n in (self.hidden, self.cells))
        more = f"{hidden} von {cells} Feldern" if lang == "de" else f"{hidden} of {cells} cells"
        return f"{FOOTNOTE.get(lang)} ({more})."
