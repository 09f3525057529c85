"""Profiles for those who answered: own answers beside groups that the report shows too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.disclosure.collusion import collusion, errors_of
from begleitforschung.disclosure.own import own_answer
from begleitforschung.disclosure.positions import data_fingerprint, positions
from begleitforschung.disclosure.registry import Registry
from begleitforschung.disclosure.releases import Releases
from begleitforschung.display.numbers import is_missing
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.errors import DisclosureError, Finding, ValidationError
from begleitforschung.estimation.domains import grouped
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.estimate_display import figure_cell
from begleitforschung.results.estimate_notes import statistic_label, uncertainty
from begleitforschung.results.estimate_words import SHARES
from begleitforschung.surveys import Item, Survey
from begleitforschung.surveys.sample_design import JOIN

_NAMED = 20
OTHERS = 6  # answers that a group needs beside that of the addressee
_Place = tuple[str, str]  # breakdown and group
_Key = tuple[str, str, str, str, str]  # column, statistic, category, by, domain
_ANSWER = Text("Antwort", "Answer")
_SECRET = Text("„.“ = geheim gehalten, wie im Bericht.", "“.” = kept secret, as in the report.")
_HIDDEN = Text(
    "{label}: geheim gehalten, wie im Bericht.", "{label}: kept secret, as in the report."
)
_NOT_PRINTED = Text(
    "Ergebnisse von Gruppen stehen hierzu nicht im Bericht.",
    "The report shows no results of groups on this.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One question of a profile.

    Parameters
    ----------
    heading : str
        Wording of the question.
    own : str
        The addressee's answer in words.
    table : TableModel, optional
        Results of the groups.
    notes : tuple of str
        What a reader must know, where there is no table.
    """

    heading: str
    own: str = field(repr=False)
    table: TableModel | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that one addressee gets.

    Parameters
    ----------
    unit : str
        Key of the municipality.
    sections : tuple of Section
        Its questions.
    """

    unit: str
    sections: tuple[Section, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """The profiles of a wave, audited as one publication.

    Parameters
    ----------
    profiles : tuple of Profile
        One for each municipality that answered.
    colluding : int
        Largest coalition of recipients that was looked at.
    findings : tuple of Finding
        What was remarked.
    """

    profiles: tuple[Profile, ...] = field(repr=False)
    colluding: int
    findings: tuple[Finding, ...] = ()


def profiles(
    survey: Survey,
    questions: Sequence[str],
    *,
    groups: Sequence[str] = (),
    published: Sequence[Estimate],
    releases: Releases | None = None,
    registry: Registry | None = None,
    colluding: int = 2,
    lang: Lang = "de",
) -> Profiles:
    """Put own answers beside results of groups, for each municipality that answered.

    Parameters
    ----------
    survey : Survey
        The survey, one case for each municipality.
    questions : sequence of str
        Items that profiles tell of.
    groups : sequence of str
        Variables whose groups are shown: of each the one that the addressee belongs to.
    published : sequence of Estimate
        Protected estimates as the report prints them, all about these questions.
    releases : Releases, optional
        Answers that everybody knows.
    registry : Registry, optional
        What was ever published of the wave: refuses if `published` lacks some of it.
    colluding : int
        Largest coalition of recipients that must not find out anybody.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    Profiles
        The profiles.

    Raises
    ------
    DisclosureError
        If groups are made for single addressees or are not printed in the report, an estimate is
        not protected or missing, persons answered, or recipients who collude would learn another
        answer.
    ValidationError
        If nobody or somebody twice is to get a profile, or an estimate is of other data.
    UnknownCodeError
        If the survey has no such item.
    """
    _require_offices(survey)
    results = _require_published(survey, published)
    names = _require_groups(groups, results)
    columns = [column for name in questions for column in survey.columns_of(name)]
    if registry is not None:
        _require_all(registry, columns, results)
    recipients = _recipients(survey, columns)
    findings = collusion(
        survey,
        columns,
        results,
        recipients=recipients,
        size=colluding,
        known=None if releases is None else releases.mask(survey),
    )
    if told := errors_of(findings):
        n = sum(item.n for item in told)
        raise DisclosureError(
            f"{n} answers could be found out by up to {colluding} recipients who compare "
            "their profiles with the report; leave these questions out of the profiles, or merge "
            "groups in the report:",
            findings=told,
        )
    book = _Book(survey, results, names, lang)
    items = list(dict.fromkeys(survey.codebook.item(column).id for column in columns))
    made = tuple(
        Profile(
            unit=str(survey.cases["unit"].iloc[case]),
            sections=tuple(s for item in items for s in book.sections(item, columns, case)),
        )
        for case in np.flatnonzero(recipients).tolist()
    )
    return Profiles(profiles=made, colluding=colluding, findings=findings)


def _require_offices(survey: Survey) -> None:
    if survey.codebook.instrument.respondent != "office":
        raise DisclosureError(
            "profiles go to municipalities, and own answers in them are those of an office; the "
            "codebook does not say that offices answered (instrument: respondent: office)"
        )
    if survey.cases["unit"].dropna().duplicated().any():
        raise ValidationError("a municipality answered twice; say which answer counts (several=)")


def _require_published(survey: Survey, published: Sequence[Estimate]) -> list[Estimate]:
    results: list[Estimate] = list(published)
    data = data_fingerprint(survey)
    for result in results:
        if result.confidentiality != "public" and not result.protected:
            raise DisclosureError("an estimate is not protected; give those that the report prints")
        if data_fingerprint(result.survey) != data:
            raise ValidationError(
                "an estimate was made of another survey, or before a correction; profiles and "
                "report must rest on the same answers"
            )
    return results


def _require_all(registry: Registry, columns: Sequence[str], results: Sequence[Estimate]) -> None:
    given = {position for result in results for position in positions(result)}
    if lost := sorted((p for p in registry.shown() - given if p.column in columns), key=str):
        named = "".join(f"\n  - {position}" for position in lost[:_NAMED])
        raise DisclosureError(
            f"published= lacks {len(lost)} figures about these questions that some report on the "
            f"wave shows; what recipients learn can't be judged without them:{named}"
        )


def _require_groups(groups: Sequence[str], results: Sequence[Estimate]) -> list[str]:
    """Refuse groups that are made for one addressee, and those that the report does not print."""
    plain = not isinstance(groups, str | Mapping) and isinstance(groups, Sequence)
    if not plain or not all(isinstance(name, str) for name in groups):
        raise DisclosureError(
            "groups= names variables that the report breaks down by, such as ['staffel']; groups "
            "made for single addressees (nearest neighbours) are for public figures only, as many "
            "overlapping groups give nearly every answer away"
        )
    printed = {by for result in results for by in result.table["by"] if by}
    for name in groups:
        if name not in printed:
            known = ", ".join(sorted(printed)) or "none"
            raise DisclosureError(
                f"the report prints no groups by {name!r} (it does by: {known}); profiles show "
                "nothing that the report does not show"
            )
    return list(groups)


def _recipients(survey: Survey, columns: Sequence[str]) -> NDArray[np.bool_]:
    there = survey.cases["unit"].notna().to_numpy(bool)
    gave = np.column_stack([survey.answered(column) for column in columns]).any(axis=1)
    if not (there & gave).any():
        raise ValidationError("no municipality answered any of these questions")
    return np.asarray(there & gave)


class _Book:
    """The published rows, and to which groups each case belongs."""

    def __init__(
        self, survey: Survey, results: Sequence[Estimate], groups: Sequence[str], lang: Lang
    ) -> None:
        self._survey, self._lang = survey, lang
        self._of: dict[_Key, tuple[Estimate, dict[str, Any]]] = {}
        for result in results:
            if not result.specification.get("where"):
                for row in result.rows():
                    key = row["column"], row["statistic"], row["category"], row["by"], row["domain"]
                    self._of.setdefault(key, (result, row))
        self._groups = {name: grouped(survey, name.split(JOIN), None) for name in groups}

    def sections(self, item: str, columns: Sequence[str], case: int) -> Iterator[Section]:
        """Yield the sections of an item: one of a multiple choice, else one for each column."""
        asked = self._survey.codebook.item(item)
        own = [column for column in columns if column in asked.columns]
        for part in [own] if asked.kind == "multiple" else [[column] for column in own]:
            heading = asked.text.text if len(part) > 1 else self._survey.codebook.label(part[0])
            yield self._section(heading.get(self._lang), asked, part, case)

    def _section(self, heading: str, item: Item, columns: Sequence[str], case: int) -> Section:
        own = own_answer(self._survey, item, columns, case, self._lang)
        rows = [key for key in self._of if key[0] in columns]
        places, notes = self._places(rows, case)
        if not places:
            said = notes or [_NOT_PRINTED.get(self._lang)]
            return Section(heading=heading, own=own.text, notes=tuple(said))
        table = self._table(rows, places, notes, own.codes)
        return Section(heading=heading, own=own.text, table=table)

    def _places(self, rows: Sequence[_Key], case: int) -> tuple[list[_Place], list[str]]:
        """Return the addressee's groups that are large enough without it, and what is left out."""
        mine: list[_Place] = [("", "")]
        for name, made in self._groups.items():
            if made.codes[case] >= 0:
                mine.append((name, made.keys[made.codes[case]]))
        printed = {key[3:] for key in rows}
        kept, notes = [], []
        for place in mine:
            if place not in printed:
                continue
            found = [self._of[key] for key in rows if key[3:] == place]
            label = found[0][0].domains[place].get(self._lang)
            beside = [
                int(row["n"]) - int(self._survey.answered(str(row["column"]))[case])
                for _, row in found
                if not is_missing(row["n"])
            ]
            if not beside:  # all bases are kept secret, and so is what stands above them
                notes.append(_HIDDEN.get(self._lang).format(label=label))
            elif min(beside) >= OTHERS:
                kept.append(place)
            elif self._lang == "de":
                notes.append(f"{label}: weniger als {OTHERS} weitere Antworten, nicht gezeigt.")
            else:
                notes.append(f"{label}: fewer than {OTHERS} other answers, not shown.")
        return kept, notes

    def _table(
        self,
        rows: Sequence[_Key],
        places: Sequence[_Place],
        notes: list[str],
        mine: frozenset[tuple[str, str]],
    ) -> TableModel:
        lang = self._lang
        results = list(dict.fromkeys(self._of[k][0] for k in rows if k[3:] in places))
        label = {place: r.domains[place] for r in results for place in places if place in r.domains}
        columns = [Column(key="answer", label=_ANSWER.get(lang), align="left")]
        columns += [
            Column(key="=".join(place), label=label[place].get(lang), align="right")
            for place in places
        ]
        lines: list[tuple[Any, ...]] = []
        bases: dict[_Place, set[int | None]] = {place: set() for place in places}
        for head in dict.fromkeys(key[:3] for key in rows if key[3:] in places):
            found = {place: self._of[*head, *place] for place in places if (*head, *place) in rows}
            for place, (_, row) in found.items():
                bases[place].add(None if is_missing(row["n"]) else int(row["n"]))
            name = _row_label(head, next(iter(found.values()))[0], lang)
            texts = [figure_cell(*found[p], lang) if p in found else "" for p in places]
            lines.append((Cell(value=name, emphasis=head[::2] in mine), *texts))
        secret = any(isinstance(text, Cell) for line in lines for text in line[1:])
        lines.append(("n", *(_ends(bases[place]) for place in places)))
        said = [uncertainty(results[0], lang), *notes]
        said += [_SECRET.get(lang)] * secret
        return TableModel(
            columns=columns,
            rows=lines,
            notes=said,
            source="; ".join(quoted(results[0].sources(), lang, computed=True)),
            lang=lang,
        )


def _ends(found: set[int | None]) -> str | Cell:
    """Write the smallest and the largest base, or a point where one is kept secret."""
    known = sorted(n for n in found if n is not None)
    if len(known) < len(found):
        return Cell(value=None, secret=True)
    return "–".join(dict.fromkeys(map(str, (known[0], known[-1])))) if known else ""


def _row_label(head: tuple[str, ...], result: Estimate, lang: Lang) -> str:
    column, statistic, category = head
    if statistic in SHARES:
        return result.categories[column, category].get(lang)
    unit = result.units.get(column, "")
    return statistic_label(result, statistic, lang) + (f", {unit}" if unit else "")
