"""The validation report of a survey: what is doubtful where, and who did not answer what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from begleitforschung.display.numbers import is_missing
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.validation import FindingsReport
from begleitforschung.surveys import Survey

NONRESPONSE_LABELS: dict[str, Text] = {
    "label": Text("Frage", "Question"),
    "asked": Text("gefragt", "asked"),
    "answered": Text("beantwortet", "answered"),
    "estimated": Text("davon geschätzt", "of these estimated"),
    "no_answer": Text("ohne Antwort", "no answer"),
    "dont_know": Text("weiß nicht", "don't know"),
    "refused": Text("keine Angabe", "refused"),
    "not_asked": Text("nicht gefragt", "not asked"),
    "share": Text("Ausfall", "non-response"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveyReport(FindingsReport):
    """What validation found in a survey, and the survey after corrections.

    The report holds rows, columns and counts of missings, but no answer: it may be shown although
    the answers are confidential, to those who work with them. ``table`` holds one row for each
    rule and column.

    Parameters
    ----------
    data : Survey
        The survey after corrections.
    corrected : pandas.DataFrame
        One row for each correction: case (``unit``), column (``indicator``), author, date,
        ``applied``, why it was refused, file and row; without values.
    nonresponse : pandas.DataFrame
        Item non-response, see `begleitforschung.surveys.nonresponse.item_nonresponse`.
    """

    data: Survey = field(repr=False)
    nonresponse: pd.DataFrame = field(repr=False)

    def nonresponse_table(
        self, lang: Lang = "de", *, allow_unprotected: bool = False
    ) -> TableModel:
        """Return item non-response as a printable table.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected.

        Returns
        -------
        TableModel
            One row for each column of the answers.

        Raises
        ------
        DisclosureError
            If the report must not be shown.
        """
        shown = self.nonresponse.assign(
            label=self.nonresponse[f"label_{lang}"],
            answered=self.nonresponse["answered"] + self.nonresponse["estimated"],
            share=100 * self.nonresponse["share"],
        )
        columns = [
            Column(
                key=key,
                label=text.get(lang),
                unit="%" if key == "share" else "",
                decimals=None if key == "label" else 0,
            )
            for key, text in NONRESPONSE_LABELS.items()
        ]
        rows = list(shown[list(NONRESPONSE_LABELS)].itertuples(index=False, name=None))
        source = "; ".join(quoted(self.provenance.sources(), lang, computed=True))
        model = TableModel(columns=columns, rows=rows, source=source, lang=lang)
        return self.marked(model, lang, allow_unprotected=allow_unprotected)

    def nonresponse_beside(self, results: Sequence[Estimate]) -> pd.DataFrame:
        """Return item non-response as far as it may be published beside protected results.

        How many were asked a question with a filter is the number of those who gave the answer that
        the filter asks for. It is left out where none of the results shows it as a base.

        Parameters
        ----------
        results : sequence of Estimate
            Protected results of the same survey, all that are published.

        Returns
        -------
        pandas.DataFrame
            As `nonresponse`, without the rows of such questions.
        """
        shown = {
            str(column)
            for result in results
            if not result.specification.get("where")
            for column, by, n in result.table[["column", "by", "n"]].itertuples(index=False)
            if not by and not is_missing(n)
        }
        open_ = [
            not self.data.codebook.item(column).filter or column in shown
            for column in self.nonresponse["column"]
        ]
        return self.nonresponse[open_].reset_index(drop=True)

    def trace(self) -> pd.DataFrame:
        """Return the places that findings point to.

        Returns
        -------
        pandas.DataFrame
            Columns ``file, row, column, n``.
        """
        names = ["file", "row", "column", "n"]
        return self.table.loc[self.table["row"].notna(), names].reset_index(drop=True)
