"""What results made of answers share: confidential ones are shown only where that is allowed."""

from __future__ import annotations

from dataclasses import dataclass

from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import DisclosureError
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result

_UNPROTECTED = Text(
    "Vertraulich, nicht auf Geheimhaltung geprüft: nur für die Arbeit mit den Antworten, nicht "
    "zur Weitergabe.",
    "Confidential, not checked for disclosure: for work with the answers only, not to be passed "
    "on.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class AnswersResult(Result):
    """Base of results made of answers.

    Parameters
    ----------
    allow_unprotected : bool
        Whether it may be shown although confidential.
    """

    allow_unprotected: bool = False

    def require_showable(self) -> None:
        """Refuse to be shown where that would disclose something.

        Raises
        ------
        DisclosureError
            If the result is personal, or confidential and neither protected nor allowed.
        """
        if self.confidentiality == "confidential" and not self.protected:
            if not self.allow_unprotected:
                raise DisclosureError(
                    f"this {type(self).__name__} is confidential and no cells are suppressed; with "
                    "allow_unprotected=True it is shown to those who work with the answers"
                )
            return
        super().require_showable()

    def unprotected_note(self, lang: Lang) -> list[str]:
        """Return the note that says that nothing is suppressed.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        list of str
            One sentence, none where the result is protected or not confidential.
        """
        unsafe = self.confidentiality == "confidential" and not self.protected
        return [_UNPROTECTED.get(lang)] if unsafe else []

    def _printed(
        self,
        columns: list[Column],
        rows: list[tuple[object, ...]],
        notes: list[str],
        lang: Lang,
    ) -> TableModel:
        """Return rows as a table with notes, findings, the warning and the sources."""
        remarks = [finding.text.get(lang) for finding in self.findings]
        below = [note for note in [*notes, *remarks, *self.unprotected_note(lang)] if note]
        source = "; ".join(quoted(self.sources(), lang, computed=True))
        return TableModel(columns=columns, rows=rows, notes=below, source=source, lang=lang)
