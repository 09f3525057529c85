"""What all results share: a tidy table, what made it, where it comes from, who may see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from begleitforschung.display.secrecy import UNPROTECTED, stamp
from begleitforschung.errors import DisclosureError, Finding, ReportError
from begleitforschung.language import Lang
from begleitforschung.provenance import Confidentiality, Provenance, Source, grade_of
from begleitforschung.results.protection import FOOTNOTE, Protection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel


@dataclass(frozen=True, kw_only=True, eq=False)
class Result(ABC):
    """Base of all results: frozen, traceable, aware of its confidentiality.

    Parameters
    ----------
    table : pandas.DataFrame
        Tidy table, one row per value or group.
    specification : mapping
        The parameters that made it, JSON-like.
    provenance : Provenance
        Where it comes from.
    confidentiality : {"public", "internal", "confidential", "personal"}
        Who may see it; never less than what the inputs in `provenance` ask for.
    protected : bool
        Whether cells that must not be shown are suppressed already.
    protection : Protection, optional
        By which policy, and how many cells are hidden.
    allow_unprotected : bool
        Whether it may be shown at the own desk although confidential and not protected; whatever
        is made with it says so in a place that can't be missed.
    findings : tuple of Finding
        What was remarked on the way.
    """

    table: pd.DataFrame = field(repr=False)
    specification: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance
    confidentiality: Confidentiality = "public"
    protected: bool = False
    protection: Protection | None = None
    allow_unprotected: bool = False
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Be as confidential as the most confidential input."""
        grade = grade_of(self.provenance, self.confidentiality)
        object.__setattr__(self, "confidentiality", grade)

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table as a DataFrame of your own.

        Returns
        -------
        pandas.DataFrame
            A copy (on write).
        """
        return self.table.copy(deep=False)

    def require_showable(self, *, allow_unprotected: bool = False) -> bool:
        """Refuse to be shown where that would disclose something.

        Parameters
        ----------
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected; personal results never
            are.

        Returns
        -------
        bool
            Whether it is shown unprotected: what is made with it must then say so.

        Raises
        ------
        DisclosureError
            If the result is personal, or confidential, and neither protected nor allowed; says
            which cells by their place, never by their values.
        """
        if never := self._never_shown():
            raise DisclosureError(never)
        if self.confidentiality not in ("confidential", "personal") or self.protected:
            return False
        told = f"this {type(self).__name__} is {self.confidentiality} and not protected"
        if self.confidentiality == "personal":
            raise DisclosureError(f"{told}; what is personal is never shown")
        if not (allow_unprotected or self.allow_unprotected):
            raise DisclosureError(
                f"{told}{self._places()}. {self._remedy()}; at your own desk it is shown with "
                "allow_unprotected=True, marked as such"
            )
        return True

    def for_desk(self, *, allow_unprotected: bool = False) -> Self:
        """Return the result as it may be shown.

        Parameters
        ----------
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected.

        Returns
        -------
        Result
            The same, which remembers that it may be shown unprotected.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        shown = self.require_showable(allow_unprotected=allow_unprotected)
        return replace(self, allow_unprotected=True) if shown else self

    def require_reportable(self) -> None:
        """Refuse to stand in a report where something is missing that a reader must know.

        Raises
        ------
        ReportError
            If it is; says what.
        """
        if lacking := self._lacking():
            raise ReportError(lacking)

    def display(self, lang: Lang = "de", *, allow_unprotected: bool = False) -> TableModel:
        """Return the result as a printable table.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected.

        Returns
        -------
        TableModel
            Title-less table with labels, units, notes and source line; a note says what is kept
            secret, or that nothing is protected.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        shown = self.for_desk(allow_unprotected=allow_unprotected)
        model = self.marked(shown._display(lang), lang, allow_unprotected=allow_unprotected)
        return replace(model, origin=self) if self.protected else model

    def marked(
        self, model: TableModel, lang: Lang = "de", *, allow_unprotected: bool = False
    ) -> TableModel:
        """Return a table made from the result with the notes that its protection asks for.

        Parameters
        ----------
        model : TableModel
            The table.
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected.

        Returns
        -------
        TableModel
            The same rows.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        if self.require_showable(allow_unprotected=allow_unprotected):
            return model.as_unprotected()
        added = [note for note in self.secrecy_notes(lang) if note not in model.notes]
        return replace(model, notes=[*model.notes, *added]) if added else model

    def secrecy_notes(self, lang: Lang = "de") -> list[str]:
        """Say below a table or figure what a point stands for.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        list of str
            One note; none where nothing is hidden.
        """
        if self.protection is None or not self._hides():
            return []
        return [self.protection.note(lang) or f"{FOOTNOTE.get(lang)}."]

    def figure(
        self, lang: Lang = "de", *, allow_unprotected: bool = False, **options: Any
    ) -> Figure:
        """Draw the result.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be drawn at the own desk although not protected; the picture says so.
        **options
            Options of the kind of result.

        Returns
        -------
        matplotlib.figure.Figure
            The picture, in house style.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        shown = self.for_desk(allow_unprotected=allow_unprotected)
        drawn = shown._figure(lang, **options)
        return stamp(drawn, lang) if shown.require_showable() else drawn

    def alt_text(
        self, lang: Lang = "de", *, allow_unprotected: bool = False, **options: Any
    ) -> str:
        """Return a text that says what the figure shows, for those who can't see it.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected; the text says so.
        **options
            The options that `figure` was called with.

        Returns
        -------
        str
            One or a few sentences.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        shown = self.for_desk(allow_unprotected=allow_unprotected)
        text = shown._alt_text(lang, **options)
        return f"{UNPROTECTED.get(lang)}. {text}" if shown.require_showable() else text

    def sources(self) -> tuple[Source, ...]:
        """Return the sources that stand below the result when it is shown.

        Returns
        -------
        tuple of Source
            Those of the figures shown; further ones, such as code lists, are in the provenance.
        """
        return self.provenance.sources()

    def trace(self) -> pd.DataFrame:
        """Return the input cells behind each row of the table.

        Returns
        -------
        pandas.DataFrame
            One row per input cell, with the file and row where it stands.
        """
        return pd.DataFrame(columns=["unit", "year", "indicator", "value", "file", "row"])

    def _repr_html_(self) -> str:
        return self.display().to_html()

    def _places(self) -> str:
        """Say which cells would be shown, by question and group, where that is known."""
        return ""

    def _remedy(self) -> str:
        """Say what makes it fit to be shown to others."""
        return "Use bf.protect(…), or estimates instead where it refuses this kind"

    def _hides(self) -> bool:
        """Say whether something in the table is kept secret."""
        return self.protection is not None and self.protection.hidden > 0

    def _never_shown(self) -> str:
        """Say what keeps this result from being shown anywhere; for most nothing does."""
        return ""

    def _lacking(self) -> str:
        """Say what a report needs and this result lacks; most lack nothing."""
        return ""

    @abstractmethod
    def _display(self, lang: Lang) -> TableModel: ...

    @abstractmethod
    def _figure(self, lang: Lang, **options: Any) -> Figure: ...

    @abstractmethod
    def _alt_text(self, lang: Lang, **options: Any) -> str: ...
