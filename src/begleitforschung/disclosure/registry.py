"""`Registry`: what was ever published of a wave, as positions without any value.

Two reports on one wave, one by Land and one by size class, may be safe each and disclose together.
The registry tells later protection which figures everybody knows already and which must stay
hidden.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from begleitforschung.disclosure.positions import (
    Position,
    TablePosition,
    WholePosition,
    data_fingerprint,
)
from begleitforschung.disclosure.publications import (
    PARTS,
    Publication,
    Published,
    extended,
    published,
    torn,
)
from begleitforschung.disclosure.registry_file import RESTORE, file_text, read_file
from begleitforschung.disclosure.registry_remarks import remarks
from begleitforschung.errors import CatalogueError, DisclosureError, Finding, ValidationError
from begleitforschung.loaders.writing import put_files
from begleitforschung.results.base import Result
from begleitforschung.surveys import Codebook, Survey

_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What was ever published of one wave of a survey.

    Parameters
    ----------
    survey : str
        Identifier of the codebook.
    wave : str
        Its wave.
    publications : tuple of Publication
        In the order in which they were published.
    """

    survey: str
    wave: str
    publications: tuple[Publication, ...] = field(default=(), repr=False)

    def shown(self) -> frozenset[Position]:
        """Return the figures that everybody knows: hiding them now protects nothing.

        Returns
        -------
        frozenset of Position
            All that some report showed.
        """
        return frozenset(p for made in self.publications for p in made.shown)

    def wholes(self) -> tuple[WholePosition, ...]:
        """Return the tests, models and the like that were published.

        Returns
        -------
        tuple of WholePosition
            Each once, in the order in which they were published.
        """
        return tuple(dict.fromkeys(t for made in self.publications for t in made.wholes))

    def known(self) -> frozenset[Position]:
        """Return the figures of tables that everybody knows, shown in them or told by tests.

        Returns
        -------
        frozenset of Position
            Those shown, and sums that results shown as a whole tell, but those hidden.
        """
        told = frozenset(p for made in self.publications for p in made.told)
        return self.shown() | (told - self.hidden())

    def hidden(self) -> frozenset[Position]:
        """Return the figures that must stay hidden: earlier reports rely on it.

        Returns
        -------
        frozenset of Position
            All that some report kept secret.
        """
        return frozenset(p for made in self.publications for p in made.hidden)

    def tables(self) -> tuple[TablePosition, ...]:
        """Return the cross tables that were published.

        Returns
        -------
        tuple of TablePosition
            Each once, in the order in which they were published.
        """
        return tuple(dict.fromkeys(t for made in self.publications for t in made.tables))

    def remarks(self, survey: Survey) -> tuple[Finding, ...]:
        """Say what makes it unsure what earlier reports and a new one tell together.

        Parameters
        ----------
        survey : Survey
            The survey that a new report is made of.

        Returns
        -------
        tuple of Finding
            A warning for each report on other data (before a correction, or with other cases), as
            the difference of two editions discloses too; and one for figures whose cases were
            given one by one, which can't be compared with others.

        Raises
        ------
        ValidationError
            If the registry is that of another survey or wave.
        """
        self.require_of(survey.codebook)
        return self.remarks_on(data_fingerprint(survey))

    def remarks_on(self, data: str) -> tuple[Finding, ...]:
        """Say what makes it unsure what earlier reports and one on some data tell together.

        Parameters
        ----------
        data : str
            Fingerprint of the data, see `data_fingerprint`.

        Returns
        -------
        tuple of Finding
            As `remarks`.
        """
        return remarks(self.publications, data)

    def size(self) -> int:
        """Return how many positions reports told.

        Returns
        -------
        int
            Each once for each report.
        """
        told = {
            (made.report, made.data, name, position)
            for made in self.publications
            for name in PARTS
            for position in getattr(made, name)
        }
        return len(told)

    def with_published(
        self,
        results: Result | Iterable[Result],
        *,
        report: str,
        date: dt.date | None = None,
    ) -> Registry:
        """Return the registry with what a further report shows and hides.

        Parameters
        ----------
        results : Result or iterable of Result
            All protected or public results of the report.
        report : str
            Name of the report.
        date : datetime.date, optional
            When it is published; by default today.

        Returns
        -------
        Registry
            A new value; `write` it when the report is out.

        Raises
        ------
        DisclosureError
            If a result is confidential and not protected, or shows what an earlier report hides
            or hides what an earlier one showed: protect it with this registry.
        ValidationError
            If a result is that of another survey or wave, or nothing is given.
        """
        made = published([results] if isinstance(results, Result) else list(results))
        if not made:
            raise ValidationError("no result of a survey is given that the report shows")
        for one in made:
            self._require_same(one.survey, one.wave)
        return self.with_entries(made, report=report, date=date or dt.date.today())

    def with_entries(self, entries: Iterable[Published], *, report: str, date: dt.date) -> Registry:
        """Return the registry with where the figures of a further report stand.

        The same report on the same data is not entered again, unless it tells something new: then
        its edition of that date has all that it tells.

        Parameters
        ----------
        entries : iterable of Published
            Of this wave.
        report : str
            Name of the report.
        date : datetime.date
            When it is published.

        Returns
        -------
        Registry
            A new value.

        Raises
        ------
        DisclosureError
            If it shows what an earlier report hides or hides what an earlier one showed.
        """
        made = self.publications
        for entry in entries:
            made = extended(made, entry, report, date)
        found = replace(self, publications=made)
        if differ := torn(found.publications):
            named = "".join(f"\n  - {position}" for position in differ[:_NAMED])
            raise DisclosureError(
                f"{len(differ)} figures are shown by one report on this wave and hidden by "
                "another; take the survey from the project, or give registry= when you protect, "
                f"so that they agree:{named}"
            )
        return found

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the registry, whole or not at all.

        Parameters
        ----------
        path : str or path
            JSON file in an existing folder.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValidationError
            If the file holds publications that this registry does not know: read it again first.
        SourceFileError
            If the file can't be written.
        CatalogueError
            If what stands there is no registry.
        """
        file = Path(path)
        if file.exists():
            kept = _read(file)
            if not self._holds(kept):
                raise ValidationError(
                    f"{file.name} holds publications that this registry does not know; read it "
                    "again and add yours, as nothing is ever taken out of it"
                )
        put_files(((file, self.to_json().encode("utf-8")),))
        return file

    def to_json(self) -> str:
        """Return the content of the file, one position in each line.

        Returns
        -------
        str
            Equal registries give equal texts.
        """
        return file_text(self.survey, self.wave, self.publications)

    def require_of(self, codebook: Codebook) -> None:
        """Refuse to be used for another wave.

        Parameters
        ----------
        codebook : Codebook
            Codebook of the wave.

        Raises
        ------
        ValidationError
            If the registry is that of another survey or wave.
        """
        self._require_same(codebook.id, codebook.instrument.wave)

    def _holds(self, other: Registry) -> bool:
        """Say whether all that another registry knows is known here too."""
        mine = {made.head: made for made in self.publications}
        return (other.survey, other.wave) == (self.survey, self.wave) and all(
            made.head in mine and mine[made.head].holds(made) for made in other.publications
        )

    def _require_same(self, survey: str, wave: str) -> None:
        if (self.survey, self.wave) != (survey, wave):
            raise ValidationError(
                f"this is the registry of survey {self.survey!r}, wave {self.wave!r}, not of "
                f"{survey!r}, {wave!r}; each wave has its own"
            )


def new_registry(codebook: Codebook) -> Registry:
    """Begin the registry of a wave of which nothing was published yet.

    Parameters
    ----------
    codebook : Codebook
        Its codebook.

    Returns
    -------
    Registry
        Without publications.
    """
    return Registry(survey=codebook.id, wave=codebook.instrument.wave)


def read_registry(path: str | os.PathLike[str], codebook: Codebook) -> Registry:
    """Read what was published of a wave.

    Parameters
    ----------
    path : str or path
        File that `Registry.write` wrote.
    codebook : Codebook
        The codebook of the wave.

    Returns
    -------
    Registry
        The registry.

    Raises
    ------
    CatalogueError
        If the file is malformed; all problems at once, each with its line.
    ValidationError
        If it is that of another survey or wave.
    SourceFileError
        If it can't be read.
    """
    file = Path(path)
    made = _read(file)
    try:
        made.require_of(codebook)
    except ValidationError as error:
        raise ValidationError(f"{file.name}: {error}; name another file for it") from None
    return made


def registry_at(path: str | os.PathLike[str], codebook: Codebook) -> Registry:
    """Read what was published of a wave, or begin its registry.

    Parameters
    ----------
    path : str or path
        File, which need not exist yet.
    codebook : Codebook
        The codebook of the wave.

    Returns
    -------
    Registry
        The registry.

    Raises
    ------
    CatalogueError, ValidationError, SourceFileError
        As `read_registry`, if the file exists.
    """
    return read_registry(path, codebook) if Path(path).exists() else new_registry(codebook)


def _read(file: Path) -> Registry:
    read = read_file(file)
    made = Registry(survey=read.survey, wave=read.wave, publications=read.publications)
    if differ := torn(made.publications):
        raise CatalogueError(
            f"{file.name}: {len(differ)} positions stand as shown and as hidden; {RESTORE}"
        )
    return made
