"""Texts in German and English: what a report shows is German by default, English on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages.

    Parameters
    ----------
    de : str
        German text.
    en : str
        English text; empty where no translation exists, then German is shown.
    """

    de: str
    en: str = ""

    def get(self, lang: Lang = "de") -> str:
        """Return the text in one language.

        Parameters
        ----------
        lang : {"de", "en"}
            Language; English falls back to German where no English text exists.

        Returns
        -------
        str
            The text.
        """
        return self.en if lang == "en" and self.en else self.de

    def __str__(self) -> str:
        """Return the German text, which is what reports show by default."""
        return self.de
