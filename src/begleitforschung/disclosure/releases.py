"""`read_releases`: answers that a municipality itself released for publication."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pydantic

from begleitforschung.catalogue import Entry, Line, parse_entry, read_yaml
from begleitforschung.errors import CatalogueError, Finding, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.keys import check_keys
from begleitforschung.surveys import Codebook, Survey


class Release(Entry):
    """One answer, or all answers to one item, that a municipality released.

    Parameters
    ----------
    unit : str
        Official key of the municipality.
    item : str
        Item, or one of its columns.
    who : str
        Who released it for the municipality: office or function, no name of a person is needed.
    date : datetime.date
        When, as YYYY-MM-DD.
    note : str
        E.g. where the letter lies.
    """

    unit: str
    item: str
    who: str = pydantic.Field(min_length=1)
    date: dt.date
    note: str = ""

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value


class _File(Entry):
    survey: str
    wave: str = ""
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Answers that their municipalities released.

    Parameters
    ----------
    survey : str
        Identifier of the codebook.
    wave : str
        Its wave.
    entries : tuple of Release
        What was released, each column at most once for each unit.
    file : str
        Name of the file.
    sha256 : str
        Its checksum.
    """

    survey: str
    wave: str
    entries: tuple[Release, ...] = field(repr=False)
    file: str = ""
    sha256: str = ""

    @property
    def provenance(self) -> Provenance:
        """Where it stands, for the provenance of results that show released answers."""
        return Provenance.of(
            "read_releases", file=self.file, sha256=self.sha256, releases=len(self.entries)
        )

    def mask(self, survey: Survey) -> pd.DataFrame:
        """Say which answers of a survey are released.

        Parameters
        ----------
        survey : Survey
            The survey.

        Returns
        -------
        pandas.DataFrame of bool
            Shaped like ``survey.responses``: True where the answer may be shown, and where an
            attacker therefore knows it. Never where there is no answer.

        Raises
        ------
        ValidationError
            If the releases are those of another survey or wave.
        """
        _require_same(self, survey.codebook)
        units = survey.cases["unit"].to_numpy(dtype=object)
        found = np.zeros(survey.responses.shape, dtype=np.bool_)
        columns = list(survey.responses.columns)
        for entry in self.entries:
            rows = units == entry.unit
            for name in _columns(survey.codebook, entry.item):
                if name in columns:
                    found[rows, columns.index(name)] = True
        answered = survey.responses.notna().to_numpy()
        return pd.DataFrame(found & answered, columns=survey.responses.columns)

    def unused(self, survey: Survey) -> tuple[Finding, ...]:
        """Find releases that concern no answer of a survey.

        Parameters
        ----------
        survey : Survey
            The survey.

        Returns
        -------
        tuple of Finding
            One warning for each item; empty if all releases concern an answer.

        Raises
        ------
        ValidationError
            If the releases are those of another survey or wave.
        """
        mask = self.mask(survey)
        units = survey.cases["unit"].to_numpy(dtype=object)
        lost: dict[str, list[str]] = {}
        for entry in self.entries:
            names = [c for c in _columns(survey.codebook, entry.item) if c in mask.columns]
            if not mask.loc[units == entry.unit, names].to_numpy().any():
                lost.setdefault(entry.item, []).append(entry.unit)
        return tuple(
            Finding(
                rule="release.unused",
                severity="warning",
                text=Text(
                    "freigegeben, aber ohne Antwort in der Befragung",
                    "released, but there is no such answer in the survey",
                ),
                file=self.file or None,
                column=item,
                key=", ".join(of),
                n=len(of),
            )
            for item, of in lost.items()
        )


def read_releases(
    path: str | os.PathLike[str], codebook: Codebook, *, today: dt.date | None = None
) -> Releases:
    """Read which answers municipalities released: ``release.yaml``.

    The file names ``survey`` and ``wave`` of the codebook and lists ``releases``, each with
    ``unit``, ``item``, ``who``, ``date`` and, if wanted, ``note``.

    Parameters
    ----------
    path : str or path
        The file.
    codebook : Codebook
        The codebook of the survey.
    today : datetime.date, optional
        Day after which no release can have been given; by default today.

    Returns
    -------
    Releases
        The releases, checked.

    Raises
    ------
    CatalogueError
        If keys or values don't fit, a key of a unit is malformed, an item is unknown or personal,
        something is released twice or in the future; all problems at once, each with its line.
    ValidationError
        If the file belongs to another survey or wave.
    SourceFileError
        If the file can't be read.

    Examples
    --------
    With a survey of your own::

        bf.read_releases("data/raw/befragung/release.yaml", survey.codebook)
    """
    file = Path(path)
    content, lines = read_yaml(file)
    read = parse_entry(content, _File, file=file.name, lines=lines)
    made = Releases(
        survey=read.survey,
        wave=read.wave,
        entries=read.releases,
        file=file.name,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )
    _require_same(made, codebook)
    if problems := _problems(made, codebook, lines, today or dt.date.today()):
        raise CatalogueError(f"{file.name}: {len(problems)} problem(s):", findings=problems)
    return made


def _require_same(releases: Releases, codebook: Codebook) -> None:
    due = codebook.id, codebook.instrument.wave
    if (releases.survey, releases.wave) != due:
        raise ValidationError(
            f"{releases.file or 'the releases'}: survey {releases.survey!r}, wave "
            f"{releases.wave!r}; expected survey {due[0]!r}, wave {due[1]!r}. A release holds for "
            "the wave that it was given for."
        )


def _columns(codebook: Codebook, name: str) -> tuple[str, ...]:
    item = codebook.item(name)
    return (name,) if name in item.columns else item.columns


def _problems(releases: Releases, codebook: Codebook, lines: Line, today: dt.date) -> list[Finding]:
    """Check entry by entry what a single entry can't know."""
    found: list[Finding] = []
    taken: set[tuple[str, str]] = set()
    for at, entry in enumerate(releases.entries):
        row = lines.get(("releases", at))
        for bad in check_keys([entry.unit]):
            found.append(_problem(bad.text, "unit", releases.file, row, entry.unit, hint=bad.hint))
        if entry.date > today:
            text = Text("Datum liegt in der Zukunft", "the date lies in the future")
            found.append(_problem(text, "date", releases.file, row, entry.date.isoformat()))
        try:
            names = _columns(codebook, entry.item)
        except UnknownCodeError as error:
            text = Text("unbekannte Frage", str(error))
            found.append(_problem(text, "item", releases.file, row, None))
            continue
        if codebook.item(entry.item).grade == "personal":
            text = Text(
                "personenbezogene Angaben werden nie gezeigt", "personal data are never shown"
            )
            found.append(_problem(text, "item", releases.file, row, entry.item))
        pairs = {(entry.unit, name) for name in names}
        if pairs & taken:
            text = Text("mehrfach freigegeben", "released more than once")
            found.append(_problem(text, "item", releases.file, row, entry.item))
        taken |= pairs
    return found


def _problem(
    text: Text, column: str, file: str, row: int | None, value: str | None, hint: Text | None = None
) -> Finding:
    return Finding(
        rule="release",
        severity="error",
        text=text,
        hint=hint,
        file=file or None,
        row=row,
        column=column,
        value=value,
    )
