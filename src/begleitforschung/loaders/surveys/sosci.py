"""SoSci Survey: the data as CSV and the R script that carries wordings and labels.

Built from the description of the format, never checked on a real export.
"""

from __future__ import annotations

import re

from begleitforschung.catalogue import Label
from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.surveys.export import (
    Export,
    column_of,
    read_text,
    table_of,
    unverified,
)
from begleitforschung.loaders.surveys.limesurvey_csv import unique_names
from begleitforschung.loaders.surveys.words import clean, words
from begleitforschung.surveys import Code, Codebook, Instrument, Item
from begleitforschung.surveys.codebook import MissingKind

_TEXT = r'"((?:[^"\\]|\\.)*)"'
_COLUMN = re.compile(rf"\b([A-Z]\w*)\s*=\s*{_TEXT}")
_COMMENT = re.compile(rf"comment\(\w+\$(\w+)\)\s*(?:=|<-)\s*{_TEXT}")
_LABEL = re.compile(rf'attr\(\w+\$(\w+),\s*"([^"]*)"\)\s*(?:=|<-)\s*{_TEXT}')
_FACTOR = re.compile(r"\w+\$(\w+)\s*(?:=|<-)\s*factor\(.*?levels=c\((.*?)\),\s*labels=c\((.*?)\),")
_ATTRIBUTE = re.compile(rf'attr\(\w+,\s*"(project|description)"\)\s*(?:=|<-)\s*{_TEXT}')


def is_sosci(data: bytes) -> bool:
    """Say whether a text is a data file of SoSci Survey.

    Parameters
    ----------
    data : bytes
        UTF-8 text.

    Returns
    -------
    bool
        True if its first row begins with the columns of every such file.
    """
    first = data[: 1 << 16].partition(b"\n")[0].replace(b'"', b"").decode("utf-8", "ignore")
    return {"CASE", "QUESTNNR", "STARTED"} <= set(re.split(r"[\t;,\r]", first))


def read_sosci(data: bytes, file: str) -> Export:
    """Read a data file of SoSci Survey.

    Parameters
    ----------
    data : bytes
        UTF-8 text, usually tab-separated.
    file : str
        Name of the file.

    Returns
    -------
    Export
        Its cells. A second row of headings, with wordings, is recognised.

    Raises
    ------
    SourceFileError
        If it can't be read as a table.
    """
    records = read_text(data, file)
    case = records[0].index("CASE")
    above = 2 if len(records) > 1 and not records[1][case].strip().isdigit() else 1
    cells, rows = table_of(records[above:], len(records[0]), file, header_rows=above)
    columns = unique_names([column_of(heading) for heading in records[0]])
    return Export(
        format="sosci",
        file=file,
        columns=columns,
        cells=cells,
        rows=rows,
        findings=(unverified("sosci", file),),
    )


def read_script(data: bytes, file: str) -> Codebook:
    """Read the codebook out of an R script of SoSci Survey.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    file : str
        Name of the file.

    Returns
    -------
    Codebook
        One item for each variable that is no paradata. Negative codes are missings.

    Raises
    ------
    SourceFileError
        If the script names no variable.
    """
    text = data.decode("utf-8-sig", errors="replace")
    names = _variables(text)
    if not names:
        raise SourceFileError(f"{file} is no import script of SoSci Survey: it lists no columns")
    wordings = {name: clean(_unquoted(said)) for name, said in _COMMENT.findall(text)}
    labels: dict[str, dict[str, str]] = {}
    for name, code, label in _LABEL.findall(text):
        labels.setdefault(name, {})[code] = clean(_unquoted(label))
    for name, codes, said in _FACTOR.findall(text):
        pairs = zip(_listed(codes), _listed(said), strict=False)
        labels[name] = {code: clean(label) for code, label in pairs}
    types = dict(_COLUMN.findall(text))
    items = tuple(
        _item(name, wordings.get(name, name), labels.get(name, {}), types.get(name, "character"))
        for name in names
        if words().meaning(name) is None
    )
    told = dict(_ATTRIBUTE.findall(text))
    title = clean(told.get("description") or told.get("project") or file)
    return Codebook(
        id=f"sosci_{slug(told.get('project', '') or file)}",
        title=Label(de=title),
        instrument=Instrument(software="SoSci Survey"),
        items=items,
    )


def _variables(text: str) -> list[str]:
    found = re.search(r"col\.names\s*=\s*c\((.*?)\)", text, re.DOTALL)
    return _listed(found[1]) if found else []


def _listed(text: str) -> list[str]:
    return [_unquoted(item) for item in re.findall(_TEXT, text)]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _item(name: str, wording: str, labels: dict[str, str], kind: str) -> Item:
    codes = tuple(
        Code(code=code, label=Label(de=label or code), missing=_missing(code, label))
        for code, label in labels.items()
    )
    text = Label(de=wording)
    if set(labels) >= {"F", "T"} or kind == "logical":
        said = {"F": "nicht gewählt", "T": "ausgewählt"}
        options = tuple(Code(code=code, label=Label(de=label)) for code, label in said.items())
        return Item(id=name, kind="single", text=text, codes=codes or options)
    if kind.startswith("POSIX"):
        return Item(id=name, kind="date", text=text)
    # Labels of the two ends of a scale only: the numbers between are answers too.
    answers = [code.code for code in codes if code.missing is None]
    if len(answers) == 2 and kind == "numeric" and _gap(answers):
        low, high = sorted(int(code) for code in answers)
        between = {str(n): Code(code=str(n), label=Label(de=str(n))) for n in range(low, high + 1)}
        between |= {code.code: code for code in codes}
        return Item(id=name, kind="scale", text=text, codes=tuple(between.values()))
    if answers:
        return Item(id=name, kind="single", text=text, codes=codes)
    if kind in ("numeric", "integer"):
        return Item(id=name, kind="number", text=text, codes=codes)
    return Item(id=name, kind="text", text=text)


def _gap(answers: list[str]) -> bool:
    numbers = [int(code) for code in answers if re.fullmatch(r"\d+", code)]
    return len(numbers) == 2 and 2 <= abs(numbers[0] - numbers[1]) <= 100


def _missing(code: str, label: str) -> MissingKind | None:
    said = words().missing_of(label)
    if code.startswith("-"):
        return said or words().sosci_missing.get(code, "no_answer")
    return said if label.startswith("[NA]") else None
