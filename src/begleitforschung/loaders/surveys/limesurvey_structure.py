"""Structure of a LimeSurvey questionnaire: ``.lss`` (XML) and ``.txt`` (tab-separated)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.export import read_text
from begleitforschung.loaders.surveys.words import clean

Texts = dict[str, str]
_XmlRow = dict[str, str]


@dataclass(slots=True)
class Part:
    """A subquestion or an answer: its code, its scale, its wording by language."""

    code: str
    scale: str
    texts: Texts = field(default_factory=dict)


@dataclass(slots=True)
class Question:
    """A question as LimeSurvey holds it.

    Parameters
    ----------
    code, type : str
        Code and one-letter type.
    page : int
        Number of its group, from 1.
    texts : dict
        Wording by language.
    relevance : str
        Who is asked, in LimeSurvey's own language.
    other, mandatory : bool
        Whether there is a field for other answers, and whether an answer is demanded.
    attributes : dict
        Further settings.
    subs, answers : list of Part
        Subquestions and answers in their order.
    sgqa : str
        ``<survey>X<group>X<question>``; empty where unknown.
    """

    code: str
    type: str
    page: int
    texts: Texts = field(default_factory=dict)
    relevance: str = ""
    other: bool = False
    mandatory: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    subs: list[Part] = field(default_factory=list)
    answers: list[Part] = field(default_factory=list)
    sgqa: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """A questionnaire: title by language, questions in their order, number of pages."""

    id: str
    titles: Texts
    questions: tuple[Question, ...]
    pages: int


def read_structure_text(data: bytes, file: str) -> Structure:
    """Read the tab-separated structure of a questionnaire.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    file : str
        Name of the file.

    Returns
    -------
    Structure
        The questionnaire in all its languages.

    Raises
    ------
    SourceFileError
        If it is no structure or holds no question.
    """
    header, *records = read_text(data, file, "\t")
    if header[:3] != ["class", "type/scale", "name"]:
        raise SourceFileError(f"{file} is no structure of LimeSurvey: its first row is another")
    names = {name: at for at, name in enumerate(header)}
    survey_id, titles, pages = "", Texts(), 0
    questions: dict[str, Question] = {}
    groups: dict[str, int] = {}
    current: Question | None = None
    for record in records:
        row = {name: record[at] if at < len(record) else "" for name, at in names.items()}
        kind, code, language = row["class"], row["name"], row["language"]
        if kind == "S" and code == "sid":
            survey_id = row["text"]
        elif kind == "SL" and code == "surveyls_title":
            titles[language] = clean(row["text"])
        elif kind == "G":
            at = groups.setdefault(language, 0) + 1
            groups[language], pages = at, max(pages, at)
        elif kind == "Q":
            fresh = _question_of_text(row, groups.get(language, 1))
            current = questions.setdefault(code, fresh)
            current.texts[language] = clean(row["text"])
        elif kind in ("SQ", "A") and current is not None:
            parts = current.subs if kind == "SQ" else current.answers
            _part(parts, code, row["type/scale"], language, row["text"])
    return _structure(file, survey_id, titles, questions.values(), pages)


def _question_of_text(row: Mapping[str, str], page: int) -> Question:
    fixed = ("class", "type/scale", "name", "relevance", "text", "help", "language")
    return Question(
        code=row["name"],
        type=row["type/scale"],
        page=page,
        relevance=row["relevance"],
        other=row.get("other") == "Y",
        mandatory=row.get("mandatory") == "Y",
        attributes={name: value for name, value in row.items() if value and name not in fixed},
    )


def read_lss(data: bytes, file: str) -> Structure:
    """Read the XML structure of a questionnaire.

    Parameters
    ----------
    data : bytes
        XML.
    file : str
        Name of the file.

    Returns
    -------
    Structure
        The questionnaire in all its languages.

    Raises
    ------
    SourceFileError
        If it is no such XML, or holds no question.
    """
    root = parse_xml(data, file)
    if root.findtext("LimeSurveyDocType") != "Survey":
        raise SourceFileError(f"{file} is no structure of a LimeSurvey questionnaire (.lss)")
    pages = _order(root)
    texts = _localised(root, "question_l10ns", "qid", "question")
    questions: dict[str, Question] = {}
    for row in sorted(xml_rows(root, "questions"), key=_position(pages)):
        fresh = _question_of_xml(row, pages.get(row["gid"], 1))
        question = questions.setdefault(row["qid"], fresh)
        question.texts |= texts.get(row["qid"], {})
        if row.get("question"):
            question.texts[row.get("language", "")] = clean(row["question"])
    for row in sorted(xml_rows(root, "subquestions"), key=_number("question_order")):
        parent = questions.get(row.get("parent_qid", ""))
        if parent is not None:
            parts = parent.subs
            part = _part(parts, row["title"], row.get("scale_id", "0"), row.get("language", ""))
            _add_texts(part, row, "question", texts.get(row["qid"], {}))
    answers = _localised(root, "answer_l10ns", "aid", "answer")
    for row in sorted(xml_rows(root, "answers"), key=_number("sortorder")):
        parent = questions.get(row["qid"])
        if parent is not None:
            parts, scale = parent.answers, row.get("scale_id", "0")
            part = _part(parts, row["code"], scale, row.get("language", ""))
            _add_texts(part, row, "answer", answers.get(row.get("aid", ""), {}))
    for row in xml_rows(root, "question_attributes"):
        if row["qid"] in questions and row.get("value"):
            questions[row["qid"]].attributes[row["attribute"]] = row["value"]
    settings = xml_rows(root, "surveys_languagesettings")
    titles = {row["surveyls_language"]: clean(row.get("surveyls_title", "")) for row in settings}
    survey_id = next((row["sid"] for row in xml_rows(root, "surveys")), "")
    return _structure(file, survey_id, titles, questions.values(), len(set(pages.values())))


def _question_of_xml(row: _XmlRow, page: int) -> Question:
    return Question(
        code=row["title"],
        type=row["type"],
        page=page,
        relevance=row.get("relevance", ""),
        other=row.get("other") == "Y",
        mandatory=row.get("mandatory") == "Y",
        sgqa=f"{row.get('sid', '')}X{row['gid']}X{row['qid']}",
    )


def parse_xml(data: bytes, file: str) -> ET.Element:
    """Parse XML without entities of its own.

    Parameters
    ----------
    data : bytes
        XML.
    file : str
        Name of the file.

    Returns
    -------
    xml.etree.ElementTree.Element
        The root.

    Raises
    ------
    SourceFileError
        If it is malformed or declares entities.
    """
    if b"<!ENTITY" in data or b"<!DOCTYPE" in data:
        raise SourceFileError(f"{file} declares XML entities; LimeSurvey writes none")
    try:
        return ET.fromstring(data)
    except ET.ParseError as error:
        raise SourceFileError(f"{file} is damaged XML: {error}") from None


def xml_rows(root: ET.Element, table: str) -> list[_XmlRow]:
    """Return the rows of a table in LimeSurvey's XML.

    Parameters
    ----------
    root : xml.etree.ElementTree.Element
        The document.
    table : str
        Name of the table.

    Returns
    -------
    list of dict
        Field to text; empty fields are left out.
    """
    found = root.find(f"{table}/rows")
    rows = () if found is None else found
    return [{cell.tag: cell.text for cell in row if cell.text} for row in rows]


def _order(root: ET.Element) -> dict[str, int]:
    groups = sorted(xml_rows(root, "groups"), key=_number("group_order"))
    ids = dict.fromkeys(row["gid"] for row in groups)
    return {gid: at for at, gid in enumerate(ids, start=1)}


def _number(name: str) -> Callable[[_XmlRow], int]:
    return lambda row: int(row.get(name, "0"))


def _position(pages: Mapping[str, int]) -> Callable[[_XmlRow], tuple[int, int]]:
    return lambda row: (pages.get(row["gid"], 0), int(row.get("question_order", "0")))


def _localised(root: ET.Element, table: str, key: str, text: str) -> dict[str, Texts]:
    found: dict[str, Texts] = {}
    for row in xml_rows(root, table):
        found.setdefault(row[key], {})[row["language"]] = clean(row.get(text, ""))
    return found


def _part(parts: list[Part], code: str, scale: str, language: str, text: str = "") -> Part:
    part = next((one for one in parts if (one.code, one.scale) == (code, scale)), None)
    if part is None:
        part = Part(code, scale)
        parts.append(part)
    if text:
        part.texts[language] = clean(text)
    return part


def _add_texts(part: Part, row: _XmlRow, name: str, texts: Texts) -> None:
    part.texts |= texts
    if row.get(name):
        part.texts[row.get("language", "")] = clean(row[name])


def _structure(
    file: str, survey_id: str, titles: Texts, questions: Iterable[Question], pages: int
) -> Structure:
    listed = tuple(questions)
    if not listed:
        raise SourceFileError(f"{file} holds no question")
    return Structure(survey_id, titles, listed, pages)
