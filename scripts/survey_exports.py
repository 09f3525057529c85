"""Write one synthetic survey as the exports of several survey programs.

    python scripts/survey_exports.py FOLDER

No raw export of LimeSurvey, SoSci Survey or a VV file lies in the repository, and none may:
real answers never enter git. This script makes up a small survey (seeded, so that every run
writes the same bytes) and writes it as ``docs/reference/surveys.md`` describes the formats.
`TRUTH` is what was answered; tests compare what the loaders read with it.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

SEED, CASES, SURVEY = 20250315, 40, "990001"
PLACES = ("Ulm", "Köln", "Solingen", "09564000", "1002000", "Neustadt", "Gütersloh", "Nirgendwo")
LANGUAGES = ("de", "en")
YES_NO = {"Y": ("Ja", "Yes"), "N": ("Nein", "No")}
LIKERT = {
    "1": ("sehr niedrig", "very low"),
    "2": ("niedrig", "low"),
    "3": ("mittel", "medium"),
    "4": ("hoch", "high"),
    "5": ("sehr hoch", "very high"),
    "9": ("Weiß nicht", "Don't know"),
}
STAGES = {
    "A1": ("liegt vor", "exists"),
    "A2": ("in Arbeit", "in preparation"),
    "A3": ("keine", "none"),
    "-oth-": ("Sonstiges", "Other"),
}
FIELDS = {
    "SQ001": ("Mobilität", "Mobility"),
    "SQ002": ("Energie", "Energy"),
    "SQ003": ("Verwaltung", "Administration"),
    "other": ("Sonstiges", "Other"),
}
ROWS = {
    "a": ("Bedeutung", "Importance"),
    "b": ("Aufwand", "Effort"),
    "c": ("Nutzen", "Benefit"),
}
WORDINGS = {
    "ort": ("Name oder Schlüssel der Kommune", "Name or key of the municipality"),
    "q1": ("Hat Ihre Kommune eine Strategie?", "Does your municipality have a strategy?"),
    "q2": ("Welche Handlungsfelder umfasst sie?", "Which fields does it cover?"),
    "q3": ("Wie schätzen Sie ein:", "How do you rate:"),
    "q4": ("Ausgaben 2024 in EUR", "Expenditure 2024 in EUR"),
    "q4s": ("Ist die Angabe ein Schätzwert?", "Is that an estimate?"),
    "q5": ("Seit wann?", "Since when?"),
    "q6": ("Die drei wichtigsten Hemmnisse", "The three main obstacles"),
    "mail": ("E-Mail für Rückfragen", "E-mail for questions"),
    "frei": ("Was möchten Sie noch sagen?", "Anything else?"),
}
# LimeSurvey's type, answers or subquestions, group, relevance.
QUESTIONS: dict[str, tuple[str, int, str]] = {
    "ort": ("S", 1, "1"),
    "q1": ("L", 1, "1"),
    "q2": ("M", 1, '((q1.NAOK == "A1" or q1.NAOK == "A2"))'),
    "q3": ("F", 2, "1"),
    "q4": ("N", 2, "1"),
    "q4s": ("Y", 2, "!is_empty(q4.NAOK)"),
    "q5": ("D", 2, '((q2_SQ001.NAOK == "Y"))'),
    "q6": ("R", 3, "1"),
    "mail": ("S", 3, "1"),
    "frei": ("T", 3, "1"),
}
NUMBERS = {code: at for at, code in enumerate(QUESTIONS, start=1)}
Case = dict[str, str | None]


def answers() -> list[Case]:
    """Make up the answers; None where the question was not shown."""
    draw = random.Random(SEED)
    return [_case(draw, at) for at in range(1, CASES + 1)]


def _case(draw: random.Random, at: int) -> Case:
    complete = draw.random() < 0.85
    case: Case = {
        "id": str(at),
        "submitdate": f"2025-03-{draw.randint(1, 28):02} 10:{draw.randint(0, 59):02}:00",
        "lastpage": "3" if complete else "1",
        "startlanguage": draw.choice(LANGUAGES),
        "startdate": f"2025-03-01 09:{draw.randint(0, 59):02}:00",
        "ipaddr": "192.0.2.1",
        "token": f"t{at:05}",
        "ort": PLACES[at % len(PLACES)],
        "q1": draw.choice([*STAGES, ""]),
    }
    case["q1_other"] = 'eine eigene; mit "Zitat"\nund Zeile' if case["q1"] == "-oth-" else ""
    asked = case["q1"] in ("A1", "A2")
    touched = asked and draw.random() < 0.9
    for code in FIELDS:
        mentioned = "Sport" if code == "other" else "Y"
        case[f"q2_{code}"] = (
            (mentioned if touched and draw.random() < 0.5 else "") if asked else None
        )
    reached = complete
    for row in ROWS:
        case[f"q3_{row}"] = draw.choice([*LIKERT, ""]) if reached else None
    case["q4"] = (draw.choice([f"{draw.randint(0, 90000)}.5000000000", ""])) if reached else None
    case["q4s"] = (draw.choice(["Y", "N", ""]) if case["q4"] else None) if reached else None
    case["q5"] = "2021-05-01 00:00:00" if reached and case["q2_SQ001"] == "Y" else None
    ranked = draw.sample(["B1", "B2", "B3"], 3)
    for rank in (1, 2, 3):
        case[f"q6_{rank}"] = (ranked[rank - 1] if rank < 3 else "") if reached else None
    case["mail"] = "name@example.org" if reached else None
    case["frei"] = "frei erfundener Text\tmit {Klammer}" if reached else None
    if not complete:
        case["submitdate"] = None
    return case


TRUTH = answers()
BARRIERS = {"B1": ("Personal", "Staff"), "B2": ("Geld", "Money"), "B3": ("Recht", "Law")}
CODES: dict[str, Mapping[str, tuple[str, str]]] = {
    "q1": STAGES,
    "q3": LIKERT,
    "q4s": YES_NO,
    "q6": BARRIERS,
}


def heading(name: str, lang: str, style: str) -> str:
    """Return a heading as LimeSurvey writes it: ``code``, ``full`` or ``both``."""
    base, _, sub = name.partition("_")
    if base not in WORDINGS:
        german = {
            "id": "Antwort ID",
            "submitdate": "Datum Abgeschickt",
            "lastpage": "Letzte Seite",
            "startlanguage": "Start-Sprache",
            "startdate": "Datum gestartet",
            "ipaddr": "IP-Adresse",
            "token": "Zugangscode",
        }
        return name if style == "code" else german.get(name, name)
    at = LANGUAGES.index(lang)
    known = FIELDS | ROWS | {str(n): (f"Rang {n}", f"Rank {n}") for n in (1, 2, 3)}
    code = f"{base}[{sub}]" if sub else base
    text = WORDINGS[base][at] + (f" [{known[sub][at]}]" if sub else "")
    return {"code": code, "full": text, "both": f"{code}. {text}"}[style]


def limesurvey_csv(*, lang: str = "de", style: str = "code", labels: bool = False) -> str:
    """Return LimeSurvey's CSV with codes or full answers."""
    names = list(TRUTH[0])
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([heading(name, lang, style) for name in names])
    for case in TRUTH:
        writer.writerow([_cell(name, case, lang, labels=labels) for name in names])
    return "\ufeff" + lines.getvalue()


def _cell(name: str, case: Case, lang: str, *, labels: bool) -> str:
    value = case[name]
    base = name.partition("_")[0]
    if not labels or base not in (*CODES, "q2") or name in ("q1_other", "q2_other"):
        return value or ""
    at = LANGUAGES.index(lang)
    if base == "q2":
        return "" if value is None else YES_NO["Y" if value else "N"][at]
    return CODES[base][value][at] if value else ""


def limesurvey_vv() -> str:
    """Return LimeSurvey's VV file: wordings, codes, tab-separated answers."""
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter="\t", lineterminator="\n")
    writer.writerow([heading(name, "de", "full") for name in TRUTH[0]])
    writer.writerow(TRUTH[0])
    marks = {"{": "{lbrace}", "\n": "{newline}", "\r": "{cr}", "\t": "{tab}"}
    for case in TRUTH:
        cells = []
        for value in case.values():
            text = "{question_not_shown}" if value is None else value
            for sign, mark in marks.items() if value is not None else ():
                text = text.replace(sign, mark)
            cells.append("{quote}" + text[1:] if text.startswith('"') else text)
        writer.writerow(cells)
    return lines.getvalue()


def parts(code: str) -> Mapping[str, tuple[str, str]]:
    """Return the subquestions of a question; those of ``other`` are a setting."""
    subs = {"q2": FIELDS, "q3": ROWS}.get(code, {})
    return {sub: texts for sub, texts in subs.items() if sub != "other"}


def limesurvey_lss() -> str:
    """Return LimeSurvey's structure of the questionnaire as XML."""
    tables: dict[str, list[dict[str, object]]] = {"groups": [], "questions": [], "answers": []}
    tables |= {"subquestions": [], "surveys": [{"sid": SURVEY}], "surveys_languagesettings": []}
    for at, lang in enumerate(LANGUAGES):
        title = "Erfundene Befragung"
        told: dict[str, object] = {"surveyls_language": lang, "surveyls_title": title}
        tables["surveys_languagesettings"].append(told)
        for group in (1, 2, 3):
            tables["groups"].append({"gid": group, "group_order": group, "language": lang})
        for order, (code, (kind, group, relevance)) in enumerate(QUESTIONS.items()):
            common = {"sid": SURVEY, "gid": group, "language": lang, "scale_id": 0}
            row = common | {"qid": NUMBERS[code], "parent_qid": 0, "type": kind, "title": code}
            row |= {"question": f"<p>{WORDINGS[code][at]}</p>", "question_order": order}
            row |= {"other": "Y" if code in ("q1", "q2") else "N", "relevance": relevance}
            tables["questions"].append(row)
            for n, (sub, texts) in enumerate(parts(code).items()):
                row = common | {"qid": f"{NUMBERS[code]}{n}9", "parent_qid": NUMBERS[code]}
                row |= {"title": sub, "question": texts[at], "question_order": n}
                tables["subquestions"].append(row)
            listed = {} if code == "q4s" else CODES.get(code, {})
            for n, (answer, texts) in enumerate(listed.items()):
                if answer != "-oth-":
                    row = common | {"qid": NUMBERS[code], "code": answer, "answer": texts[at]}
                    tables["answers"].append(
                        row | {"sortorder": n, "language": lang, "scale_id": 0}
                    )
    body = "".join(_xml(table, rows) for table, rows in tables.items())
    head = '<?xml version="1.0"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>'
    return f"{head}{body}</document>"


def _xml(table: str, rows: list[dict[str, object]]) -> str:
    lines = (
        "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in row.items() if v not in ("", None))
        for row in rows
    )
    return f"<{table}><rows>{''.join(f'<row>{line}</row>' for line in lines)}</rows></{table}>"


def limesurvey_txt() -> str:
    """Return LimeSurvey's tab-separated structure."""
    head = ["class", "type/scale", "name", "relevance", "text", "help", "language", "validation"]
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter="\t", lineterminator="\n")
    writer.writerow([*head, "mandatory", "other"])
    writer.writerow(["S", "", "sid", "", SURVEY, *[""] * 5])
    for at, lang in enumerate(LANGUAGES):
        writer.writerow(
            ["SL", "", "surveyls_title", "", "Erfundene Befragung", "", lang, *[""] * 3]
        )
        group = 0
        for code, (kind, page, relevance) in QUESTIONS.items():
            if page != group:
                group = page
                writer.writerow(["G", f"G{page}", f"Seite {page}", "1", "", "", lang, *[""] * 3])
            other = "Y" if code in ("q1", "q2") else "N"
            row = ["Q", kind, code, relevance, WORDINGS[code][at], "", lang, "", "N", other]
            writer.writerow(row)
            for sub, texts in parts(code).items():
                writer.writerow(["SQ", "0", sub, "1", texts[at], "", lang, *[""] * 3])
            listed = {} if code == "q4s" else CODES.get(code, {})
            for answer, texts in listed.items():
                if answer != "-oth-":
                    writer.writerow(
                        ["A", "0", answer, "", "\ufeff" + texts[at], "", lang, *[""] * 3]
                    )
    return lines.getvalue()


def limesurvey_lsa() -> bytes:
    """Return LimeSurvey's archive: a ZIP of the structure and of the responses as XML."""
    rows = []
    for case in TRUTH:
        row = {}
        for name, value in case.items():
            base, _, sub = name.partition("_")
            field = name
            if base in QUESTIONS:
                field = f"_{SURVEY}X{QUESTIONS[base][1]}X{NUMBERS[base]}{sub}"
            row[field] = None if value is None else escape(value)
        rows.append(row)
    fields = "".join(f"<fieldname>{name}</fieldname>" for name in rows[0])
    lines = "".join(
        "<row>" + "".join(f"<{k}>{v}</{k}>" for k, v in row.items() if v is not None) + "</row>"
        for row in rows
    )
    body = f"<responses><fields>{fields}</fields><rows>{lines}</rows></responses>"
    content = f"<document><LimeSurveyDocType>Responses</LimeSurveyDocType>{body}</document>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in (("lss", limesurvey_lss()), ("lsr", content)):
            archive.writestr(zipfile.ZipInfo(f"survey_{SURVEY}.{name}"), text)
    return packed.getvalue()


def syntax_cell(name: str, value: str | None) -> str:
    """Return a cell of LimeSurvey's data for R and SPSS: yes and no are numbers."""
    if value is None:
        return ""
    if name == "q4s":
        return {"Y": "1", "N": "2", "": ""}[value]
    if name.startswith("q2_") and name != "q2_other":
        return "1" if value else "0"
    return value


def syntax_labels(name: str) -> dict[str, str]:
    """Return the labels of a column in LimeSurvey's syntax files."""
    base = name.partition("_")[0]
    if name == "q4s":
        return {"1": "Ja", "2": "Nein"}
    if base == "q2" and name != "q2_other":
        return {"1": "Ja", "0": "Nicht gewählt"}
    listed = {} if name.endswith("_other") else CODES.get(base, {})
    return {code: texts[0] for code, texts in listed.items()}


def syntax_wording(name: str) -> str:
    """Return the label of a column: row or option stand before the question."""
    text = heading(name, "de", "full")
    question, _, part = text.rstrip("]").partition(" [")
    return f"[{part}] {question}" if part else text


def syntax_data(quote: str, *, header: bool) -> str:
    """Return the data file beside a syntax file."""
    lines = io.StringIO()
    writer = csv.writer(lines, quotechar=quote, quoting=csv.QUOTE_ALL, lineterminator="\n")
    if header:
        writer.writerow(TRUTH[0])
    for case in TRUTH:
        writer.writerow([syntax_cell(name, value) for name, value in case.items()])
    return lines.getvalue()


def r_syntax() -> str:
    """Return LimeSurvey's syntax file for R."""
    lines = ['data <- read.csv("survey_R_data_file.csv", quote = "\'\\"")']
    for at, name in enumerate(TRUTH[0], start=1):
        kind = "numeric" if name in ("id", "lastpage", "q4") else "character"
        lines.append(f"data[, {at}] <- as.{kind}(data[, {at}])")
        lines.append(f'attributes(data)$variable.labels[{at}] <- "{syntax_wording(name)}"')
        labels = syntax_labels(name)
        if labels:
            codes = ",".join(code if code.isdigit() else f'"{code}"' for code in labels)
            texts = ", ".join(f'"{text}"' for text in labels.values())
            made = f"factor(data[, {at}], levels=c({codes}),labels=c({texts}))"
            lines.append(f"data[, {at}] <- {made}")
        lines.append(f'names(data)[{at}] <- "{name}"')
    return "\n".join(lines) + "\n"


def sps_syntax() -> str:
    """Return LimeSurvey's syntax file for SPSS."""
    names = list(enumerate(TRUTH[0], start=1))
    kinds = {"id": "F7", "lastpage": "F7", "q4": "F13.2"}
    lines = ["GET DATA", " /TYPE=TXT", " /FILE='survey_SPSS_data_file.dat'", " /VARIABLES="]
    lines += [f" V{at} {kinds.get(name, 'A19')}" for at, name in names]
    lines += [f'VARIABLE LABELS V{at} "{syntax_wording(name)}".' for at, name in names]
    for at, name in names:
        labels = syntax_labels(name)
        if labels:
            lines.append(f"VALUE LABELS  V{at}")
            pairs = [
                f' {code if code.isdigit() else chr(34) + code + chr(34)} "{text}"'
                for code, text in labels.items()
            ]
            lines += [*pairs[:-1], f"{pairs[-1]}."]
    lines += [f"RENAME VARIABLE ( V{at} = {name} )." for at, name in names]
    return "\n".join(lines) + "\n"


SOSCI = {
    "A101": (
        "numeric",
        {"1": "Ja", "2": "Nein", "-1": "weiß nicht", "-9": "[NA] nicht beantwortet"},
    ),
    "A102_01": ("logical", {"F": "nicht gewählt", "T": "ausgewählt"}),
    "A103_01": (
        "numeric",
        {"1": "trifft nicht zu", "5": "trifft voll zu", "-9": "[NA] nicht beantwortet"},
    ),
    "A104_01": ("numeric", {}),
    "A105_01": ("character", {}),
}


def sosci_cases() -> Iterator[dict[str, str]]:
    """Make up answers of SoSci Survey: negative codes are missings."""
    draw = random.Random(SEED)
    for at in range(1, 31):
        case = {"CASE": str(at), "SERIAL": "", "REF": "", "QUESTNNR": "base"}
        case |= {"MODE": "admin" if at == 1 else "interview", "STARTED": "2025-03-01 09:00:00"}
        case |= {"A101": draw.choice(["1", "2", "-1", "-9"]), "A102_01": draw.choice("TF")}
        case |= {"A103_01": draw.choice(["1", "2", "3", "4", "5", "-9"]), "A104_01": str(at * 3)}
        case |= {"A105_01": "freier Text", "TIME001": "12", "TIME_SUM": str(60 + at)}
        finished = at % 5 != 0
        case |= {"FINISHED": "TRUE" if finished else "FALSE", "LASTPAGE": "2" if finished else "1"}
        yield case


def sosci_csv() -> str:
    """Return SoSci Survey's data: tab-separated, quoted, CRLF."""
    cases = list(sosci_cases())
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(cases[0])
    writer.writerows(case.values() for case in cases)
    return lines.getvalue()


def sosci_script() -> str:
    """Return SoSci Survey's R script, which carries wordings and labels."""
    names = ",".join(f'"{name}"' for name in next(sosci_cases()))
    types = ", ".join(f'{name}="{kind}"' for name, (kind, _) in SOSCI.items())
    lines = [f"ds = read.table(\n  col.names = c({names}),\n  colClasses = c({types})\n)"]
    lines.append('attr(ds, "project") = "erfunden"')
    for name, (_, labels) in SOSCI.items():
        if name == "A101":
            levels = ",".join(f'"{code}"' for code in labels)
            texts = ",".join(f'"{label}"' for label in labels.values())
            made = f"factor(ds${name}, levels=c({levels}), labels=c({texts}), ordered=FALSE)"
            lines.append(f"ds${name} = {made}")
            continue
        lines += [f'attr(ds${name},"{code}") = "{label}"' for code, label in labels.items()]
    lines += [f'comment(ds${name}) = "Frage {name}: \\"so\\""' for name in SOSCI]
    return "\n".join(lines) + "\n"


def qualtrics_csv() -> str:
    """Return a Qualtrics export: names, wordings, import identifiers, then answers."""
    names = ["StartDate", "Status", "IPAddress", "Finished", "ResponseId", "Q1", "Q2"]
    wordings = [
        "Anfangsdatum",
        "Antworttyp",
        "IP-Adresse",
        "Beendet",
        "Antwort-ID",
        "Frage 1?",
        "Frage 2?",
    ]
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(names)
    writer.writerow(wordings)
    writer.writerow([json.dumps({"ImportId": name}, separators=(",", ":")) for name in names])
    for at in range(12):
        status, done = ("1" if at == 0 else "0"), ("1" if at % 3 else "0")
        day = "2025-03-01 08:00:00"
        writer.writerow([day, status, "192.0.2.1", done, f"R_{at}", at % 3 + 1, "Text"])
    return lines.getvalue()


FILES: dict[str, Callable[[], str | bytes]] = {
    "limesurvey_codes.csv": limesurvey_csv,
    "limesurvey_answers_de.csv": lambda: limesurvey_csv(style="both", labels=True),
    "limesurvey_answers_en.csv": lambda: limesurvey_csv(lang="en", style="full", labels=True),
    "limesurvey_vv.txt": limesurvey_vv,
    "limesurvey.lss": limesurvey_lss,
    "limesurvey.txt": limesurvey_txt,
    "limesurvey.lsa": limesurvey_lsa,
    "survey_R_data_file.csv": lambda: syntax_data('"', header=True),
    "survey_R_syntax_file.R": r_syntax,
    "survey_SPSS_data_file.dat": lambda: syntax_data("'", header=False),
    "survey_SPSS_syntax_file.sps": sps_syntax,
    "sosci.csv": sosci_csv,
    "sosci.R": sosci_script,
    "qualtrics.csv": qualtrics_csv,
}


def write_all(folder: Path) -> list[Path]:
    """Write every export into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        content = make()
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name).write_bytes(data)
    return [folder / name for name in FILES]


if __name__ == "__main__":
    for path in write_all(Path(sys.argv[1])):
        print(path)
