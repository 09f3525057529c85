"""`UniquenessResult`: how many single records could be recognised by what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_JOIN = " × "
_HEADS: dict[str, Text] = {
    "keys": Text("bekannte Merkmale", "known variables"),
    "classes": Text("Klassen", "classes"),
    "smallest": Text("kleinste Klasse", "smallest class"),
    "unique": Text("Fälle allein in ihrer Klasse", "records alone in their class"),
    "below_k": Text("Fälle in Klassen unter {k}", "records in classes below {k}"),
    "diversity": Text("wenigste Antworten je Klasse", "fewest answers per class"),
    "below_l": Text("Fälle mit unter {l} Antworten", "records with fewer than {l} answers"),
}
_NOTE = Text(
    "Klasse: alle Fälle mit gleichen bekannten Merkmalen; {n} Fälle. k-Anonymität (Sweeney 2002) "
    "verlangt mindestens {k} Fälle je Klasse",
    "Class: all records with the same known variables; {n} records. k-anonymity (Sweeney 2002) "
    "asks for {k} records per class at least",
)
_DIVERSE = Text(
    ", l-Diversität (Machanavajjhala u. a. 2007) mindestens {l} verschiedene Antworten",
    ", l-diversity (Machanavajjhala et al. 2007) for {l} different answers at least",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class UniquenessResult(AnswersResult):
    """How many single records could be recognised by what is known of them.

    ``table`` has one row per combination of keys: ``keys`` (joined), ``classes`` (of records that
    share all of them), ``smallest`` (records of the smallest class: the k of k-anonymity),
    ``unique`` (records alone in their class), ``below_k`` (records in classes smaller than asked),
    ``diversity`` (fewest answers in a class: the l of distinct l-diversity) and ``below_l``
    (records in classes with fewer answers than asked); the last two only with a sensitive
    variable. It holds numbers of records and no values.

    Parameters
    ----------
    titles : mapping of str to Text
        Wording of the variables.
    n : int
        Records.
    """

    titles: Mapping[str, Text] = field(repr=False)
    n: int

    @property
    def k(self) -> int:
        """Records that a class should have."""
        return int(self.specification["k"])

    @property
    def l(self) -> int:  # noqa: E743
        """Different answers that a class should have."""
        return int(self.specification["l"])

    @property
    def ok(self) -> bool:
        """Whether nobody is in a class smaller, or with fewer answers, than asked."""
        found = self.table[["below_k", "below_l"]].fillna(0).to_numpy()
        return bool((found == 0).all())

    def _display(self, lang: Lang) -> TableModel:
        diverse = bool(self.table["below_l"].notna().any())
        keys = [key for key in _HEADS if diverse or key not in ("diversity", "below_l")]
        columns = [
            Column(
                key=key,
                label=_HEADS[key].get(lang).format(k=self.k, l=self.l),
                decimals=None if key == "keys" else 0,
            )
            for key in keys
        ]
        rows: list[tuple[object, ...]] = [
            (self._words(str(row["keys"]), lang), *(row[key] for key in keys[1:]))
            for row in self.table.to_dict("records")
        ]
        n = format_number(self.n, 0, lang)
        note = _NOTE.get(lang) + (_DIVERSE.get(lang) if diverse else "") + "."
        return self._printed(columns, rows, [note.format(n=n, k=self.k, l=self.l)], lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        return bars(
            [self._words(str(keys), lang) for keys in self.table["keys"]],
            self.table["below_k"].to_numpy(float),
            axis=_HEADS["below_k"].get(lang).format(k=self.k),
            decimals=0,
            lang=lang,
            **options,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{self._words(str(keys), lang)} {format_number(n, 0, lang)}"
            for keys, n in self.table[["keys", "below_k"]].itertuples(index=False, name=None)
        ]
        return f"{_HEADS['below_k'].get(lang).format(k=self.k)}: {'; '.join(parts)}."

    def _words(self, keys: str, lang: Lang) -> str:
        return _JOIN.join(self.titles[name].get(lang) for name in keys.split(_JOIN))


def joined(names: tuple[str, ...]) -> str:
    """Return names of variables as one key of the table.

    Parameters
    ----------
    names : tuple of str
        Variables.

    Returns
    -------
    str
        Their names, joined.
    """
    return _JOIN.join(names)
