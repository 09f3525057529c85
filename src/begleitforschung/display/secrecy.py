"""How it is shown that something is kept secret, and that something is not protected."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from begleitforschung.display.style import CM_PER_INCH, styled
from begleitforschung.language import Lang, Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A point as in official statistics, where "x" means that a value makes no sense there.
SECRET = "."
SECRET_TEXT = Text("geheim gehalten", "kept secret")
UNPROTECTED = Text(
    "UNGESCHÜTZT – nur für den eigenen Arbeitsplatz", "UNPROTECTED – for your own desk only"
)
UNPROTECTED_NOTE = Text(
    f"{UNPROTECTED.de}: vertraulich, nicht auf Geheimhaltung geprüft, nicht zur Weitergabe.",
    f"{UNPROTECTED.en}: confidential, not checked for disclosure, not to be passed on.",
)
_MARK = "bf-unprotected"
_APART_CM = 7.0
_SHARE, _EM = 0.8, 0.55  # share of the picture's width that the text takes; width of a letter


def stamp(figure: Figure, lang: Lang) -> Figure:
    """Write across a picture that it is not protected.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The picture, which is changed.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure; tall ones carry the text several times, so that no part is without it.
    """
    if is_stamped(figure):
        return figure
    text = UNPROTECTED.get(lang)
    width, height = figure.get_size_inches()
    times = max(1, math.ceil(height * CM_PER_INCH / _APART_CM))
    with styled() as style:
        for number in range(times):
            figure.text(
                0.5,
                (number + 0.5) / times,
                text,
                ha="center",
                va="center",
                rotation=8,
                fontsize=_SHARE * 72 * width / (_EM * len(text)),
                fontweight="semibold",
                color=style.text,
                alpha=0.35,
                zorder=100,
                gid=f"{_MARK}-{number + 1}",
            )
    return figure


def is_stamped(figure: Figure) -> bool:
    """Say whether a picture carries the text of `stamp`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The picture.

    Returns
    -------
    bool
        Whether it does.
    """
    return any(str(text.get_gid()).startswith(_MARK) for text in figure.texts)
