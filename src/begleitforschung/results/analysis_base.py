"""What analyses of an index share: the index they are of, its titles, sources and purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.tables import TableModel
from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Source, quoted
from begleitforschung.results.base import Result

if TYPE_CHECKING:
    from begleitforschung.results.composite import CompositeResult


@dataclass(frozen=True, kw_only=True, eq=False)
class IndexAnalysis(Result):
    """Base of the analyses of an index.

    Parameters
    ----------
    of : CompositeResult
        The index.
    """

    of: CompositeResult = field(repr=False)

    def title(self, element: str, lang: Lang = "de") -> str:
        """Return the title of an indicator or node.

        Parameters
        ----------
        element : str
            Its identifier.
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            Title; the identifier where the index does not know it.
        """
        spec = self.of.spec
        return spec.title_of(element).get(lang) if element in spec.elements else element

    def label(self, unit: str) -> str:
        """Return the name of a unit with its key.

        Parameters
        ----------
        unit : str
            Key.

        Returns
        -------
        str
            ``"name (key)"``; the key alone where no name is known.
        """
        name = self.of.names.get(unit, "")
        return f"{name} ({unit})" if name else unit

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the index.

        Returns
        -------
        tuple of Source
            Those of its figures.
        """
        return self.of.sources()

    def _lacking(self) -> str:
        return self.of._lacking()

    def _model(
        self,
        frame: pd.DataFrame,
        heads: Mapping[str, Text],
        lang: Lang,
        *,
        notes: Sequence[Text] = (),
        decimals: int | Mapping[str, int] = 2,
        units: Mapping[str, str] | None = None,
    ) -> TableModel:
        """Return the columns that have a heading as a printable table."""
        index = as_text(self.of.spec.title).get(lang)
        first, *rest = [note.get(lang) for note in notes] or [""]
        return TableModel.from_frame(
            frame[list(heads)],
            labels={name: head.get(lang) for name, head in heads.items()},
            units=units,
            decimals=decimals,
            notes=[f"{index}{': ' if first else '.'}{first}", *rest],
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )


def analysis_of(of: CompositeResult, operation: str, /, **parameters: Any) -> dict[str, Any]:
    """Return the fields that every analysis takes over from its index.

    Parameters
    ----------
    of : CompositeResult
        The index.
    operation : str
        Name of the analysis.
    **parameters
        Its parameters.

    Returns
    -------
    dict
        ``of, specification, provenance`` and who may see it.
    """
    return {
        "of": of,
        "specification": {"analysis": operation, **parameters},
        "provenance": of.provenance.then(operation, **parameters),
        "confidentiality": of.confidentiality,
        "protected": of.protected,
        "protection": of.protection,
        "allow_unprotected": of.allow_unprotected,
    }


def ends_of(rows: pd.DataFrame, column: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the rows with the lowest and the highest value, the first of equal ones.

    Parameters
    ----------
    rows : pandas.DataFrame
        At least one row.
    column : str
        Column without missing values.

    Returns
    -------
    lowest, highest : pandas.Series
        Rows.
    """
    values = rows[column].to_numpy(np.float64)
    return rows.iloc[int(values.argmin())], rows.iloc[int(values.argmax())]
