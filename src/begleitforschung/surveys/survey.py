"""The survey: one row per respondent, each value an answer or a declared missing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.provenance import Confidentiality, Provenance, grade_of
from begleitforschung.surveys.checks import require_sound
from begleitforschung.surveys.codebook import Codebook, Item, highest
from begleitforschung.surveys.sample_design import Design
from begleitforschung.surveys.schema import shape_problems

Status = Literal["answered", "estimated", "not_asked", "no_answer", "dont_know", "refused"]
STATUSES: tuple[Status, ...] = get_args(Status)
ANSWERED, ESTIMATED, NOT_ASKED, NO_ANSWER, DONT_KNOW, REFUSED = range(len(STATUSES))
# Columns of `Survey.cases`, with their dtypes.
CASES = {
    "case": "str",
    "file": "str",
    "row": "int64",
    "unit": "str",
    "complete": "bool",
    "last_page": "Int64",
    "started": "datetime64[us]",
    "submitted": "datetime64[us]",
    "seconds": "float64",
    "language": "str",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """Answers of a survey with their codebook.

    Parameters
    ----------
    responses : pandas.DataFrame
        One row per case, one column per column of the codebook. Coded columns are categorical
        with the codes of the codebook in its order (scales ordered; options of multiple choice
        ``"0"`` not mentioned and ``"1"`` mentioned), numbers float64, dates datetime64, texts
        str. Missing wherever `status` is a kind of missing. Personal columns are not among them.
    status : pandas.DataFrame of int8
        Same shape: what each value is, as position in `STATUSES` (``answered``, ``estimated``,
        ``not_asked``, ``no_answer``, ``dont_know``, ``refused``).
    cases : pandas.DataFrame
        Same rows: ``case`` (identifier without meaning), ``file`` and ``row`` of the export,
        ``unit`` (official key of the municipality, missing if unknown), ``complete``,
        ``last_page``, ``started``, ``submitted``, ``seconds``, ``language``.
    codebook : Codebook
        What was asked.
    history : Provenance
        Where the answers come from. Results take `provenance` or `traced`, which know how
        confidential the answers are.
    personal : tuple of str
        Columns of the export that hold personal data and were kept out.
    findings : tuple of Finding
        What was remarked on the way; without values.
    design : Design, optional
        How the cases came about and what they weigh; without it answers are only counted.
    registry : pathlib.Path, optional
        File with what was ever published of the wave: results are protected with it.
    """

    responses: pd.DataFrame = field(repr=False)
    status: pd.DataFrame = field(repr=False)
    cases: pd.DataFrame = field(repr=False)
    codebook: Codebook = field(repr=False)
    history: Provenance = field(repr=False)
    personal: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    design: Design | None = None
    registry: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts the codebook or itself."""
        require_sound(self.codebook)
        if self.design is not None and self.design.n != len(self.responses):
            raise ValidationError(
                "cases can't be taken out of a survey with a design, as its variance needs them "
                "all: choose cases before with_design, or estimate with where="
            )
        problems = shape_problems(
            self.responses, self.status, self.cases, self.codebook, tuple(CASES), len(STATUSES)
        )
        if problems:
            raise ValidationError(
                f"this is no survey of the codebook {self.codebook.id!r}:", findings=problems
            )

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.responses)

    @property
    def confidentiality(self) -> Confidentiality:
        """How confidential the survey is: its most confidential column."""
        return grade_of(self.provenance)

    @property
    def provenance(self) -> Provenance:
        """Where the whole survey comes from, with the confidentiality of all its columns."""
        return self.traced(self.responses.columns)

    def traced(self, names: Iterable[str]) -> Provenance:
        """Return where some answers come from, with the confidentiality that they ask for.

        Parameters
        ----------
        names : iterable of str
            Items or columns that a result uses, those that it groups by included.

        Returns
        -------
        Provenance
            A node whose ``confidentiality`` results take over.

        Raises
        ------
        UnknownCodeError
            If the survey has no such item.
        """
        columns = tuple(column for name in names for column in self.columns_of(name))
        items = {item.id: item for item in map(self.codebook.item, columns)}
        grade = highest([item.grade for item in items.values()])
        identifying = tuple(name for name, item in items.items() if item.role == "identifying")
        return self.history.then(
            "answers", items=tuple(items), identifying=identifying, confidentiality=grade
        )

    def columns_of(self, name: str) -> tuple[str, ...]:
        """Return the columns of an item that are among the responses.

        Parameters
        ----------
        name : str
            Identifier of an item, or name of one column.

        Returns
        -------
        tuple of str
            Columns in order.

        Raises
        ------
        UnknownCodeError
            If there is no such item, or its columns were kept out as personal.
        """
        item = self.codebook.item(name)
        wanted = (name,) if name in item.columns else item.columns
        found = tuple(column for column in wanted if column in self.responses.columns)
        if not found:
            raise UnknownCodeError(name, self.responses.columns, "responses (personal is kept out)")
        return found

    def answered(self, column: str) -> NDArray[np.bool_]:
        """Say who answered.

        Parameters
        ----------
        column : str
            Name of a column.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            True where the value is an answer or an estimate.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        (name,) = self.columns_of(column)
        return np.asarray(self.status[name].to_numpy() <= ESTIMATED)

    def status_of(self, column: str) -> pd.Series:
        """Return what each value of a column is, in words.

        Parameters
        ----------
        column : str
            Name of a column.

        Returns
        -------
        pandas.Series
            Categorical; its categories are `STATUSES`.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        (name,) = self.columns_of(column)
        dtype = pd.CategoricalDtype(list(STATUSES))
        codes = self.status[name].to_numpy(np.int8)
        return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), name=name)

    def scores(self, name: str) -> NDArray[np.float64]:
        """Return answers as numbers.

        Parameters
        ----------
        name : str
            Item or column: a number, or a coded one whose codes have scores.

        Returns
        -------
        numpy.ndarray, shape (n, number of columns)
            Numbers, or the scores of the codes (0 and 1 for options of multiple choice); NaN
            where there is no answer.

        Raises
        ------
        UnknownCodeError
            If there is no such item.
        """
        columns = self.columns_of(name)
        return np.column_stack([self._scores(self.codebook.item(c), c) for c in columns])

    def _scores(self, item: Item, column: str) -> NDArray[np.float64]:
        values = self.responses[column]
        if item.kind == "multiple":
            known = {"0": 0.0, "1": 1.0}
        elif item.coded:
            known = {code.code: code.score for code in item.answers}
        else:
            return pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
        table = np.array([*(known[code] for code in values.cat.categories), np.nan])
        return np.asarray(table[values.cat.codes.to_numpy()])

    def select(self, names: Sequence[str]) -> Survey:
        """Return the survey with some items only.

        Parameters
        ----------
        names : sequence of str
            Items or columns.

        Returns
        -------
        Survey
            The same cases; as confidential as the items that are left.

        Raises
        ------
        UnknownCodeError
            If there is no such item.
        """
        columns = [column for name in names for column in self.columns_of(name)]
        kept = list(dict.fromkeys(columns))
        return replace(
            self,
            responses=self.responses[kept],
            status=self.status[kept],
            history=self.history.then("select", columns=tuple(kept)),
        )

    def with_design(self, design: Design) -> Survey:
        """Return the survey with a design and its weights.

        Parameters
        ----------
        design : Design
            As `begleitforschung.design` makes it for this survey.

        Returns
        -------
        Survey
            The same answers.

        Raises
        ------
        ValidationError
            If the design has another number of cases.
        """
        node = self.history.then("design", *design.inputs, **design.described())
        findings = tuple(dict.fromkeys((*self.findings, *design.findings)))
        return replace(self, design=design, history=node, findings=findings)

    def with_registry(self, path: str | os.PathLike[str]) -> Survey:
        """Return the survey with the registry of what was ever published of its wave.

        Parameters
        ----------
        path : str or path
            JSON file; need not exist yet.

        Returns
        -------
        Survey
            The same answers; `begleitforschung.protect` looks into the registry.
        """
        return replace(self, registry=Path(path))

    def keep(
        self, mask: NDArray[np.bool_], *, reason: str, findings: Iterable[Finding] = ()
    ) -> Survey:
        """Return the survey with some cases only.

        Parameters
        ----------
        mask : numpy.ndarray of bool, shape (n,)
            Cases to keep.
        reason : str
            Why the others are left out; stands in the provenance.
        findings : iterable of Finding
            What was remarked on it.

        Returns
        -------
        Survey
            The cases that are kept.

        Raises
        ------
        ValidationError
            If there is not one truth value for each case: numbers of rows are none.
        """
        kept = np.asarray(mask)
        truths = kept.dtype == np.bool_ or all(isinstance(one, bool) for one in kept.tolist())
        if kept.shape != (len(self),) or not truths:
            raise ValidationError(f"keep needs one truth value for each of {len(self)} cases")
        kept = kept.astype(np.bool_)
        node = self.history.then("keep", reason=reason, kept=int(kept.sum()), of=len(self))
        return replace(
            self,
            responses=self.responses[kept].reset_index(drop=True),
            status=self.status[kept].reset_index(drop=True),
            cases=self.cases[kept].reset_index(drop=True),
            history=node,
            findings=(*self.findings, *findings),
        )
