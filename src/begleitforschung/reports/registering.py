"""What a finished report publishes of surveys, entered into the registries of their waves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from begleitforschung.disclosure.publications import Published, apart, published
from begleitforschung.disclosure.registry import Registry, registry_at
from begleitforschung.errors import DisclosureError, Finding
from begleitforschung.loaders.surveys import load_codebook
from begleitforschung.results.base import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPlace:
    """Where the registry of a wave lies.

    Parameters
    ----------
    name : str
        Path as the project file writes it, for messages.
    path : pathlib.Path
        The file; it and its folder are made where missing.
    codebook : pathlib.Path
        The codebook of the wave.
    """

    name: str
    path: Path
    codebook: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a report has in the registry of one wave.

    Parameters
    ----------
    file : str
        The registry, as the project file writes its path.
    survey, wave : str
        The wave.
    report : str
        Name of the report.
    shown, hidden : int
        Figures of estimates that it shows and hides.
    tables, wholes : int
        Cross tables, and results that are shown as a whole.
    new : int
        How many of all these no report told before; 0 where the file stays as it was.
    findings : tuple of Finding
        What makes it unsure what earlier reports and this one tell together.
    """

    file: str
    survey: str
    wave: str
    report: str
    shown: int
    hidden: int
    tables: int
    wholes: int
    new: int
    findings: tuple[Finding, ...] = ()

    def described(self) -> dict[str, Any]:
        """Return what stands in the report's own file: where it is registered, and counts.

        Returns
        -------
        dict
            Equal when the report is made again.
        """
        names = ("file", "survey", "wave", "report", "shown", "hidden", "tables", "wholes")
        return {name: getattr(self, name) for name in names}

    def line(self) -> str:
        """Say it in one line.

        Returns
        -------
        str
            File and counts.
        """
        told = f"{self.shown} figures shown, {self.hidden} hidden"
        more = [f"{self.tables} cross tables"] * bool(self.tables)
        more += [f"{self.wholes} results as a whole"] * bool(self.wholes)
        new = f"{self.new} new" if self.new else "nothing new"
        return f"registry {self.file}: {self.report}: {', '.join([told, *more])}; {new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An entry that is due as soon as the report is written.

    Parameters
    ----------
    path : pathlib.Path
        File of the registry.
    registry : Registry
        With the report in it.
    entry : Registered
        What is said of it.
    """

    path: Path
    registry: Registry = field(repr=False)
    entry: Registered

    def write(self) -> None:
        """Write the registry if the report tells anything new.

        Raises
        ------
        SourceFileError
            If it can't be written.
        ValidationError
            If another report was entered meanwhile.
        """
        if self.entry.new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.registry.write(self.path)


def published_content(results: Iterable[object]) -> list[dict[str, Any]]:
    """Return where the figures of protected results stand as plain data, without any value.

    Parameters
    ----------
    results : iterable
        Results that a block shows; anything else is left out.

    Returns
    -------
    list of dict
        One for each wave, edition and policy; empty where nothing is protected.
    """
    shown = [one for one in results if isinstance(one, Result)]
    safe = [one for one in shown if one.protected and one.confidentiality != "public"]
    return [made.model_dump(mode="json", exclude_defaults=True) for made in published(safe)]


def joined(contents: Iterable[Published]) -> list[Published]:
    """Join what the blocks of a report publish.

    Parameters
    ----------
    contents : iterable of Published
        From each block.

    Returns
    -------
    list of Published
        One for each wave, edition and policy.
    """
    found: dict[tuple[object, ...], Published] = {}
    for one in contents:
        found[one.head] = found[one.head].joined(one) if one.head in found else one
    return list(found.values())


def planned(
    contents: Sequence[Published],
    places: Sequence[RegistryPlace],
    *,
    report: str,
    date: dt.date,
) -> list[Planned]:
    """Prepare the entries of a report, before anything is written.

    Parameters
    ----------
    contents : sequence of Published
        What the report publishes.
    places : sequence of RegistryPlace
        Registries of the project; waves that have none are left out.
    report : str
        Name of the report.
    date : datetime.date
        Its date.

    Returns
    -------
    list of Planned
        One for each wave that the report tells of.

    Raises
    ------
    DisclosureError
        If the report shows what an earlier one hides or hides what an earlier one showed, or tells
        of one question in results that were not protected together, or not with the registry.
    CatalogueError, ValidationError, SourceFileError
        If a registry can't be read, or is that of another wave.
    """
    found = []
    for place in places if contents else ():
        book = load_codebook(place.codebook)
        wave = book.id, book.instrument.wave
        told = [one for one in contents if (one.survey, one.wave) == wave]
        if not all(one.known for one in told):
            raise DisclosureError(
                f"{report} shows results of the survey {wave[0]!r} that were protected without its "
                f"registry {place.name}; take the survey from the project, "
                "bf.read_project().survey(…), or give registry=. Nothing was published"
            )
        if columns := apart(told):
            raise DisclosureError(
                f"{report} shows results on {', '.join(columns)} from several calls of bf.protect, "
                "which don't know of each other; give all results of a survey that a report shows "
                "in one call. Nothing was published"
            )
        if told:
            before = registry_at(place.path, book)
            after = before.with_entries(told, report=report, date=date)
            entry = _entry(place.name, report, told, before, after)
            found.append(Planned(path=place.path, registry=after, entry=entry))
    return found


def _entry(
    name: str, report: str, told: Sequence[Published], before: Registry, after: Registry
) -> Registered:
    counts = {
        part: len({p for one in told for p in getattr(one, part)})
        for part in ("shown", "hidden", "tables", "wholes")
    }
    return Registered(
        file=name,
        survey=told[0].survey,
        wave=told[0].wave,
        report=report,
        new=0 if after == before else after.size() - before.size(),
        findings=tuple(dict.fromkeys(f for one in told for f in before.remarks_on(one.data))),
        **counts,
    )
