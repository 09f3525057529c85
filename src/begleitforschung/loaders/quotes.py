"""Cells of which a closing quote stands amid the text: Arrow reads ``"9,0"1`` as 9,01."""

from __future__ import annotations

import csv
import io
import re

from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.files import RawFile


def check_quotes(raw: RawFile, delimiter: str) -> None:
    """Refuse a text file in which something stands behind a closing quote.

    Parameters
    ----------
    raw : RawFile
        A text file.
    delimiter : str
        Column separator.

    Raises
    ------
    SourceFileError
        If there is such a cell; names its row.
    """
    sign = re.escape(delimiter).encode("utf-8")
    # Most files hold no quote amid a text, so that they need not be read a second time. The
    # pattern starts with the quote, as looking for one sign takes least time.
    if not re.search(rb'"(?<=[^"\r\n' + sign + rb']")[^"\s' + sign + rb"]", raw.data):
        return
    text = io.StringIO(raw.data.decode("utf-8"), newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error:
        found = Finding(
            rule="loader.quotes",
            severity="error",
            text=Text("Text hinter schließendem Anführungszeichen", "text behind a closing quote"),
            hint=Text(
                "Anführungszeichen im Text verdoppeln; stand die Datei so beim Herausgeber, dort "
                "erneut holen.",
                "Double quotes within texts; if the publisher delivered it so, fetch it again.",
            ),
            file=raw.name,
            row=reader.line_num,
        )
        raise SourceFileError(f"{raw.name} has broken quotes:", findings=[found]) from None
