"""What all results share: a tidy table, what made it, where it comes from, who may see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.errors import DisclosureError, Finding, ReportError
from begleitforschung.language import Lang
from begleitforschung.provenance import Confidentiality, Provenance, Source, grade_of
from begleitforschung.results.protection import Protection

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
    findings : tuple of Finding
        What was remarked on the way.
    """

    table: pd.DataFrame = field(repr=False)
    specification: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance
    confidentiality: Confidentiality = "public"
    protected: bool = False
    protection: Protection | None = None
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

    def require_showable(self) -> None:
        """Refuse to be shown where that would disclose something.

        Raises
        ------
        DisclosureError
            If the result is confidential or personal and not protected.
        """
        if self.confidentiality in ("confidential", "personal") and not self.protected:
            raise DisclosureError(
                f"this {type(self).__name__} is {self.confidentiality} and not protected; "
                "protect it before it is shown"
            )

    def require_reportable(self) -> None:
        """Refuse to stand in a report where something is missing that a reader must know.

        Raises
        ------
        ReportError
            If it is; says what.
        """
        if lacking := self._lacking():
            raise ReportError(lacking)

    def display(self, lang: Lang = "de") -> TableModel:
        """Return the result as a printable table.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        TableModel
            Title-less table with labels, units, notes and source line.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        self.require_showable()
        return self._display(lang)

    def figure(self, lang: Lang = "de", **options: Any) -> Figure:
        """Draw the result.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
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
        self.require_showable()
        return self._figure(lang, **options)

    def alt_text(self, lang: Lang = "de", **options: Any) -> str:
        """Return a text that says what the figure shows, for those who can't see it.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        **options
            The options that `figure` was called with.

        Returns
        -------
        str
            One or a few sentences.
        """
        self.require_showable()
        return self._alt_text(lang, **options)

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

    def _lacking(self) -> str:
        """Say what a report needs and this result lacks; most lack nothing."""
        return ""

    @abstractmethod
    def _display(self, lang: Lang) -> TableModel: ...

    @abstractmethod
    def _figure(self, lang: Lang, **options: Any) -> Figure: ...

    @abstractmethod
    def _alt_text(self, lang: Lang, **options: Any) -> str: ...
