"""What results made of answers share: a table with what was remarked on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.surveys import Survey


@dataclass(frozen=True, kw_only=True, eq=False)
class AnswersResult(Result):
    """Base of results made of answers.

    Parameters
    ----------
    survey : Survey, optional
        The answers, so that what a result tells can be judged; protected results have none.
    """

    survey: Survey | None = field(default=None, repr=False)

    def _printed(
        self,
        columns: list[Column],
        rows: list[tuple[object, ...]],
        notes: list[str],
        lang: Lang,
    ) -> TableModel:
        """Return rows as a table with notes, findings and the sources."""
        remarks = [finding.text.get(lang) for finding in self.findings]
        below = [note for note in [*notes, *remarks] if note]
        source = "; ".join(quoted(self.sources(), lang, computed=True))
        return TableModel(columns=columns, rows=rows, notes=below, source=source, lang=lang)
