"""`Registry`: what was ever published of a wave, as positions without any value.

Two reports on one wave, one by Land and one by size class, may be safe each and disclose together.
The registry tells later protection which figures everybody knows already and which must stay
hidden.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pydantic

from begleitforschung.catalogue import Entry, parse_entry, read_yaml
from begleitforschung.disclosure.positions import (
    BY_HAND,
    Position,
    data_fingerprint,
    positions,
)
from begleitforschung.errors import CatalogueError, DisclosureError, Finding, ValidationError
from begleitforschung.language import Text
from begleitforschung.loaders.writing import put_files
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Codebook, Survey

_NAMED = 20
_NOTHING: tuple[set[Position], set[Position]] = (set(), set())


class Publication(Entry):
    """What one report showed and hid of a wave.

    Parameters
    ----------
    report : str
        Name of the report.
    date : datetime.date
        When it was published.
    policy, version : str
        Policy by which it was protected.
    data : str
        Fingerprint of the data, see `data_fingerprint`.
    shown, hidden : tuple of Position
        Figures that stand in it, and those that it keeps secret.
    """

    report: str = pydantic.Field(min_length=1)
    date: dt.date
    policy: str
    version: str
    data: str
    shown: tuple[Position, ...] = ()
    hidden: tuple[Position, ...] = ()

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value


class _File(Entry):
    survey: str
    wave: str
    publications: tuple[Publication, ...] = ()


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

    def hidden(self) -> frozenset[Position]:
        """Return the figures that must stay hidden: earlier reports rely on it.

        Returns
        -------
        frozenset of Position
            All that some report kept secret.
        """
        return frozenset(p for made in self.publications for p in made.hidden)

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
        self._require_same(survey.codebook)
        data, found = data_fingerprint(survey), []
        for made in self.publications:
            if made.data != data:
                found.append(_other_edition(made))
            if n := sum(p.where == BY_HAND for p in (*made.shown, *made.hidden)):
                found.append(_untraceable(made, n))
        return tuple(found)

    def with_published(
        self,
        estimates: Estimate | Iterable[Estimate],
        *,
        report: str,
        date: dt.date | None = None,
    ) -> Registry:
        """Return the registry with what a further report shows and hides.

        Parameters
        ----------
        estimates : Estimate or iterable of Estimate
            All protected or public estimates of the report.
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
            If an estimate is confidential and not protected, or shows what an earlier report hides
            or hides what an earlier one showed: protect it with this registry.
        ValidationError
            If an estimate is that of another survey or wave, or nothing is given.
        """
        results = [estimates] if isinstance(estimates, Estimate) else list(estimates)
        if not results:
            raise ValidationError("no estimate is given that the report shows")
        made = self.publications
        for result in results:
            self._require_same(result.survey.codebook)
            if result.confidentiality != "public" and not result.protected:
                raise DisclosureError("an unprotected estimate is no publication; protect it first")
            made = _extended(made, result, report, date or dt.date.today())
        found = replace(self, publications=made)
        if torn := sorted(found.shown() & found.hidden(), key=str):
            named = "".join(f"\n  - {position}" for position in torn[:_NAMED])
            raise DisclosureError(
                f"{len(torn)} figures are shown by one report on this wave and hidden by another; "
                f"give registry= when you protect, so that they agree:{named}"
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
        content = {
            "survey": self.survey,
            "wave": self.wave,
            "publications": [made.model_dump(mode="json") for made in self.publications],
        }
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        put_files(((file, text.encode("utf-8")),))
        return file

    def _holds(self, other: Registry) -> bool:
        """Say whether all that another registry knows is known here too."""
        mine = {_head(made): (set(made.shown), set(made.hidden)) for made in self.publications}
        return (other.survey, other.wave) == (self.survey, self.wave) and all(
            set(made.shown) <= mine.get(_head(made), _NOTHING)[0]
            and set(made.hidden) <= mine.get(_head(made), _NOTHING)[1]
            for made in other.publications
        )

    def _require_same(self, codebook: Codebook) -> None:
        due = codebook.id, codebook.instrument.wave
        if (self.survey, self.wave) != due:
            raise ValidationError(
                f"this is the registry of survey {self.survey!r}, wave {self.wave!r}, not of "
                f"{due[0]!r}, {due[1]!r}; each wave has its own"
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
    made = _read(Path(path))
    made._require_same(codebook)
    return made


def _read(file: Path) -> Registry:
    content, lines = read_yaml(file)
    read = parse_entry(content, _File, file=file.name, lines=lines)
    made = Registry(survey=read.survey, wave=read.wave, publications=read.publications)
    if torn := made.shown() & made.hidden():
        raise CatalogueError(
            f"{file.name}: {len(torn)} positions stand as shown and as hidden; restore the file "
            "from its history"
        )
    return made


def _extended(
    made: Sequence[Publication], result: Estimate, report: str, date: dt.date
) -> tuple[Publication, ...]:
    """Add the rows of a result to the report's publication of the same policy and data."""
    kept = result.protection
    head = Publication(
        report=report,
        date=date,
        policy=kept.policy if kept else "public",
        version=kept.version if kept else "",
        data=data_fingerprint(result.survey),
    )
    same = [old for old in made if _head(old) == _head(head)]
    old = same[0] if same else head
    hides = (result.table["suppressed"] != "").tolist()
    named = list(zip(positions(result), hides, strict=True))
    shown = dict.fromkeys((*old.shown, *(p for p, hide in named if not hide)))
    hidden = dict.fromkeys((*old.hidden, *(p for p, hide in named if hide)))
    new = old.model_copy(update={"shown": tuple(shown), "hidden": tuple(hidden)})
    return (*(item for item in made if item is not old), new)


def _head(made: Publication) -> tuple[object, ...]:
    return made.report, made.date, made.policy, made.version, made.data


def _other_edition(made: Publication) -> Finding:
    return Finding(
        rule="registry.other_data",
        severity="warning",
        text=Text(
            f"Der Bericht {made.report!r} beruht auf einem anderen Datenstand; der Unterschied "
            "zweier Ausgaben kann einzelne Antworten verraten.",
            f"the report {made.report!r} rests on other data; the difference of two editions can "
            "give single answers away",
        ),
        hint=Text(
            "Nur das neu veröffentlichen, was sich nicht geändert hat, oder die Korrektur einer "
            "einzelnen Antwort nicht durch eine zweite Ausgabe sichtbar machen.",
            "Publish anew only what did not change; do not make the correction of one answer "
            "visible by a second edition.",
        ),
        key=made.report,
        n=len(made.shown),
    )


def _untraceable(made: Publication, n: int) -> Finding:
    return Finding(
        rule="registry.cases_by_hand",
        severity="warning",
        text=Text(
            f"Im Bericht {made.report!r} stehen {n} Zahlen über einzeln ausgewählte Fälle; was "
            "sie zusammen mit anderen verraten, lässt sich nicht prüfen.",
            f"the report {made.report!r} shows {n} figures on cases chosen one by one; what they "
            "tell together with others can't be checked",
        ),
        key=made.report,
        n=n,
    )
