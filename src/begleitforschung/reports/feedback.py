"""`feedback`: one file for each municipality that answered, for that municipality alone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from begleitforschung.disclosure.feedback import OTHERS, Profile, profiles
from begleitforschung.disclosure.places import require_outside
from begleitforschung.disclosure.pseudonyms import pseudonyms
from begleitforschung.disclosure.registry import Registry
from begleitforschung.disclosure.releases import Releases
from begleitforschung.display.style import house_style
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Lang, Text
from begleitforschung.reports.html import environment
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Survey

_WORDS: dict[str, Text] = {
    "feedback": Text("Rückmeldung an eine Kommune", "Feedback to one municipality"),
    "confidential": Text(
        "Vertraulich. Diese Datei enthält Ihre eigenen Antworten und ist nur für Ihre Kommune "
        "bestimmt.",
        "Confidential. This file holds your own answers and is meant for your municipality only.",
    ),
    "read": Text(
        "Neben Ihren Antworten stehen Ergebnisse, die auch der Bericht zeigt: insgesamt und für "
        f"Gruppen, zu denen Sie gehören. Gezeigt werden nur Gruppen mit mindestens {OTHERS} "
        "Antworten außer Ihrer.",
        "Beside your answers stand results that the report shows too: in total and for groups that "
        f"you belong to. Only groups with at least {OTHERS} answers other than yours are shown.",
    ),
    "own": Text("Ihre Antwort", "Your answer"),
    "mark": Text("Kennung", "Identifier"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Profiles that were written.

    Parameters
    ----------
    folder : pathlib.Path
        Where they lie, each in a folder of its own.
    files : mapping of str to pathlib.Path
        File by municipality. It stands nowhere else; the key makes the pseudonyms anew.
    colluding : int
        Largest coalition of recipients against whom they were audited.
    findings : tuple of Finding
        What was remarked.
    """

    folder: Path
    files: Mapping[str, Path] = field(repr=False)
    colluding: int
    findings: tuple[Finding, ...] = ()


def feedback(
    survey: Survey,
    questions: str | Sequence[str],
    *,
    groups: Sequence[str] = (),
    published: Sequence[Estimate],
    to: str | os.PathLike[str],
    key: str | os.PathLike[str] | None = None,
    releases: Releases | None = None,
    registry: Registry | None = None,
    colluding: int = 2,
    lang: Lang = "de",
) -> Feedback:
    """Write a profile for each municipality that answered: its own answers beside groups.

    Shown are only rows of `published` that are not hidden there, and only where at least 6 others
    answered. All profiles are audited as one publication: up to `colluding` recipients who compare
    their own answers with what is published must not work out the answer of anybody else. Each
    file is named by a pseudonym and lies in a folder of its own, so that no folder that is shared
    shows the others; nothing lists them.

    Parameters
    ----------
    survey : Survey
        The survey, one case for each municipality; offices answered.
    questions : str or sequence of str
        Items that profiles tell of.
    groups : sequence of str
        Variables whose groups are shown: of each the one that the addressee belongs to.
    published : sequence of Estimate
        All estimates about these questions that the report prints, as `begleitforschung.protect`
        returned them.
    to : str or path
        Folder to make, outside of projects and git work trees.
    key : str or path, optional
        File with the secret key, see `begleitforschung.pseudonyms`.
    releases : Releases, optional
        Answers that were released and that everybody therefore knows.
    registry : Registry, optional
        What was ever published of the wave: refuses if `published` lacks some of it.
    colluding : int
        Largest coalition.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    Feedback
        The files by municipality.

    Raises
    ------
    DisclosureError
        If the folder lies in a project or git work tree, the key is missing or badly kept, an
        estimate is not protected or missing, groups are made for single addressees or are not
        printed in the report, persons answered, or colluding recipients would learn another
        answer. Nothing is written then.
    ValidationError
        If nobody or somebody twice is to get a profile, or an estimate is of other data.
    SourceFileError
        If the folder holds something, or can't be written.

    Examples
    --------
    With a survey of your own::

        bf.feedback(survey, ["q1"], groups=["staffel"], published=[safe], to="~/rueckmeldung_2025")
    """
    folder = require_outside(Path(to), "profiles with own answers")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SourceFileError(f"{folder} is not an empty folder; choose a new one for each run")
    made = profiles(
        survey,
        [questions] if isinstance(questions, str) else list(questions),
        groups=groups,
        published=published,
        releases=releases,
        registry=registry,
        colluding=colluding,
        lang=lang,
    )
    purpose = f"feedback {survey.codebook.id} {survey.codebook.instrument.wave}".strip()
    names = pseudonyms((profile.unit for profile in made.profiles), key=key, purpose=purpose)
    title = survey.codebook.title.text.get(lang)
    pages = {names[p.unit]: _page(p, names[p.unit], title, lang) for p in made.profiles}
    _write(folder, pages)
    files = {unit: _file(folder, name) for unit, name in names.items()}
    return Feedback(
        folder=folder,
        files=MappingProxyType(files),
        colluding=made.colluding,
        findings=made.findings,
    )


def _page(profile: Profile, pseudonym: str, title: str, lang: Lang) -> bytes:
    sections = [
        {
            "heading": section.heading,
            "own": section.own,
            "table": section.table is not None,
            "html": Markup(section.table.to_html()) if section.table else "",  # escapes its texts
            "notes": section.notes,
        }
        for section in profile.sections
    ]
    text = (
        environment()
        .get_template("feedback.html.j2")
        .render(
            title=title,
            lang=lang,
            word={name: word.get(lang) for name, word in _WORDS.items()},
            style=house_style(),
            sections=sections,
            pseudonym=pseudonym,
        )
    )
    return f"{text}\n".encode()


def _file(folder: Path, name: str) -> Path:
    return folder / name / f"{name}.html"


def _write(folder: Path, pages: Mapping[str, bytes]) -> None:
    """Write all files aside, readable by their owner only, then put the folder in place."""
    try:
        aside = Path(tempfile.mkdtemp(prefix=".begleitforschung-", dir=folder.parent))
    except OSError as error:
        raise SourceFileError(f"{folder.parent} can't be written: {error.strerror}") from None
    try:
        for name, content in pages.items():
            place = _file(aside, name)
            place.parent.mkdir(mode=0o700)
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
        if folder.exists():
            folder.rmdir()
        aside.rename(folder)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise SourceFileError(f"{folder} can't be written: {error.strerror}") from None
