"""From the structure of a LimeSurvey questionnaire to a codebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from begleitforschung.catalogue import Label
from begleitforschung.errors import FormulaError
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.surveys.limesurvey_structure import Part, Question, Structure, Texts
from begleitforschung.loaders.surveys.words import LimeSurveyType, words
from begleitforschung.surveys import Code, Codebook, Instrument, Item, Row, parse_filter
from begleitforschung.surveys.codebook import Kind, plain_code

_SGQA = re.compile(r"\d+X\d+X\d+\w*")


def codebook_of(structure: Structure) -> Codebook:
    """Return the codebook of a LimeSurvey questionnaire.

    Parameters
    ----------
    structure : Structure
        The questionnaire.

    Returns
    -------
    Codebook
        All questions in both languages where the file has them; a language that is missing
        takes the wording of the other. Filters are translated where they can be; else they
        stand in ``relevance`` as LimeSurvey wrote them.
    """
    items: list[Item] = []
    for question in structure.questions:
        item = _item(question)
        if item is not None and item.id not in {known.id for known in items}:
            items.append(item)
    names = {question.sgqa: question.code for question in structure.questions if question.sgqa}
    filtered = _with_filters(items, {q.code: q.relevance for q in structure.questions}, names)
    title = _label(structure.titles, "LimeSurvey")
    return Codebook(
        id=f"limesurvey_{slug(structure.id)}" if structure.id else slug(title.de) or "survey",
        title=title,
        instrument=Instrument(software="LimeSurvey", pages=structure.pages or None),
        items=tuple(filtered),
    )


def _item(question: Question) -> Item | None:
    kind = words().limesurvey.get(question.type) or LimeSurveyType(kind="text")
    if question.type in _WIDE:
        return _WIDE[question.type](question)
    if not kind.kind:
        return None
    fields = _common(question, kind.kind)
    codes = _codes(question, kind)
    if kind.kind == "array":
        rows = _rows(question.subs)
        return Item(**fields, rows=rows, codes=codes, cells=kind.cells) if rows else None
    if kind.kind == "ranking":
        ranks = len([part for part in question.subs if part.scale == "0"]) or len(codes)
        return Item(**fields, codes=codes, ranks=min(ranks, len(codes)))
    if kind.kind == "number":
        return Item(**fields, **_bounds(question.attributes))
    return Item(**fields, codes=codes)


def _common(question: Question, kind: Kind) -> dict[str, object]:
    return {
        "id": question.code,
        "kind": kind,
        "text": _label(question.texts, question.code),
        "page": question.page or None,
        "mandatory": question.mandatory,
    }


def _codes(question: Question, kind: LimeSurveyType) -> tuple[Code, ...]:
    fixed = words().fixed_labels
    if kind.codes:
        labels = {code: fixed.get(code) or Label(de=code) for code in kind.codes}
        return tuple(Code(code=code, label=label) for code, label in labels.items())
    parts = question.subs if kind.kind == "multiple" else question.answers
    found = {part.code: _code(part) for part in parts}
    if question.other:
        other = "other" if kind.kind == "multiple" else "-oth-"
        found.setdefault(other, Code(code=other, label=words().other_label))
    return tuple(found.values())


def _code(part: Part) -> Code:
    label = _label(part.texts, part.code)
    missing = words().missing_of(label.de) or words().missing_of(label.en)
    return Code(code=part.code, label=label, missing=missing)


def _rows(parts: Iterable[Part]) -> tuple[Row, ...]:
    return tuple(
        Row(id=plain_code(part.code) or part.code, text=_label(part.texts, part.code))
        for part in parts
    )


def _bounds(attributes: Mapping[str, str]) -> dict[str, object]:
    bounds: dict[str, object] = {"integer": attributes.get("num_value_int_only") == "1"}
    for name, ours in (("min_num_value_n", "min"), ("max_num_value_n", "max")):
        if re.fullmatch(r"-?\d+(\.\d+)?", attributes.get(name, "")):
            bounds[ours] = attributes[name]
    return bounds


def _grid(question: Question) -> Item | None:
    """Array with numbers (:) or texts (;) in each cell of rows by columns."""
    across = [part for part in question.subs if part.scale == "1"]
    down = [part for part in question.subs if part.scale != "1"]
    rows = [
        Row(
            id=f"{plain_code(row.code)}_{plain_code(column.code)}",
            text=_joined(_label(row.texts, row.code), _label(column.texts, column.code)),
        )
        for row in down
        for column in across
    ]
    cells = "number" if question.type == ":" else "text"
    return Item(**_common(question, "array"), rows=rows, cells=cells) if rows else None


def _dual(question: Question) -> Item | None:
    """Array with two scales: a column for each row and scale, ``q1_SQ001_0`` and ``_1``."""
    scales = list(dict.fromkeys(part.scale for part in question.answers)) or ["0", "1"]
    rows = [
        Row(
            id=f"{plain_code(part.code)}_{scale}",
            text=_joined(_label(part.texts, part.code), Label(de=f"Skala {int(scale) + 1}")),
        )
        for part in question.subs
        for scale in scales
    ]
    codes = {part.code: _code(part) for part in question.answers}
    fields = _common(question, "array")
    return Item(**fields, rows=rows, codes=tuple(codes.values())) if rows else None


_WIDE: dict[str, Callable[[Question], Item | None]] = {":": _grid, ";": _grid, "1": _dual}


def _joined(first: Label, second: Label) -> Label:
    parts = zip((first.de, first.en or first.de), (second.de, second.en or second.de), strict=True)
    de, en = (": ".join(part) for part in parts)
    return Label(de=de, en=en)


def _label(texts: Texts, fallback: str) -> Label:
    """German and English wording; where one is missing the other stands in for it."""
    german = next((text for lang, text in texts.items() if lang.startswith("de") and text), "")
    english = next((text for lang, text in texts.items() if lang.startswith("en") and text), "")
    some = next((text for text in texts.values() if text), fallback)
    return Label(de=german or english or some, en=english if english != german else "")


def _with_filters(
    items: Iterable[Item], relevances: Mapping[str, str], names: Mapping[str, str]
) -> list[Item]:
    found: list[Item] = []
    before: dict[str, Item] = {}
    for item in items:
        relevance = relevances.get(item.id, "").strip()
        if relevance not in ("", "1"):
            try:
                text = parse_filter(filter_of(relevance, names, before), before).text
                item = item.model_copy(update={"filter": text})
            except FormulaError:
                item = item.model_copy(update={"relevance": relevance})
        found.append(item)
        before |= dict.fromkeys(item.columns, item)
    return found


def filter_of(relevance: str, names: Mapping[str, str], known: Mapping[str, Item]) -> str:
    """Translate a relevance equation of LimeSurvey into a filter.

    Parameters
    ----------
    relevance : str
        E.g. ``((12X3X4.NAOK == "Y"))``.
    names : mapping
        ``<survey>X<group>X<question>`` to the code of the question.
    known : mapping of str to Item
        Columns of the questions before.

    Returns
    -------
    str
        A filter; it is valid only if `parse_filter` takes it.

    Examples
    --------
    >>> filter_of('((1X2X3.NAOK == "Y" or !is_empty(q2.NAOK)))', {"1X2X3": "q1"}, {})
    "((q1 == 'Y' or answered(q2)))"
    """
    text = _SGQA.sub(lambda found: _by_sgqa(found[0], names), relevance)
    text = re.sub(r"\.(NAOK|shown|value|code)\b", "", text)
    text = re.sub(r"is_empty\(\s*(\w+)\s*\)", r"not answered(\1)", text)
    text = text.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text)
    for sign, word in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("gt", ">"), ("le", "<=")):
        text = re.sub(rf"\b{sign}\b", word, text)
    text = re.sub(r"""(?:"([^"']*)"|'([^"']*)')""", lambda m: repr(m[1] or m[2] or ""), text)
    text = re.sub(r"(\w+)\s*==\s*''", r"not answered(\1)", text)
    text = re.sub(r"(\w+)\s*!=\s*''", r"answered(\1)", text)
    options = (name for name, item in known.items() if item.kind == "multiple")
    for name in options:
        text = re.sub(rf"\b{name}\s*==\s*'Y'", f"{name} == 1", text)
        text = re.sub(rf"\b{name}\s*!=\s*'Y'", f"{name} == 0", text)
    return re.sub(r"\s*\bnot\s+not\s+", " ", text).strip()


def _by_sgqa(sgqa: str, names: Mapping[str, str]) -> str:
    for length in range(len(sgqa), 4, -1):
        if sgqa[:length] in names:
            rest = sgqa[length:]
            return names[sgqa[:length]] + (f"_{rest}" if rest else "")
    return sgqa
