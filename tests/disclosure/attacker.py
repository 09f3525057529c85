"""An attacker with a solver, who reads printed tables and knows the register and the weights.

Nothing of the toolkit's own search or audit is used. What he shows is certain: two sets of answers
that agree with everything printed, and differ in a hidden cell, prove that it can't be recovered.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

COUNT = re.compile(r"(\d+) von (\d+)")
PERCENT = re.compile(r"(\d+)\xa0%")
ALL = "Insgesamt"


@dataclass(frozen=True)
class Cell:
    """One printed cell of a table."""

    question: str
    answer: str
    group: str
    text: str

    @property
    def hidden(self):
        return self.text == "."


def cells_of(model, question=""):
    """Cells of a printed table of answers by groups."""
    labels = [column.label for column in model.columns]
    first = labels.index("Antwort")
    found = []
    for row in model.formatted():
        question = row[0] if first and row[0] else question
        found += [
            Cell(question, row[first], group, text)
            for group, text in zip(labels[first + 1 :], row[first + 1 :], strict=True)
            if text
        ]
    return found


@dataclass
class Program:
    """Whole numbers that are not negative, and what is known of sums of them."""

    most: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def unknown(self, most):
        self.most.append(most)
        return len(self.most) - 1

    def know(self, terms, low, high):
        self.rows.append((terms, low, high))

    def solve(self, objective, *, seconds=5.0, gap=0.3):
        """Some answers that agree with what is known; those wanted are made many."""
        at, of, value = [], [], []
        for row, (terms, _, _) in enumerate(self.rows):
            at += [row] * len(terms)
            of += list(terms)
            value += list(terms.values())
        n = len(self.most)
        known = csr_array((value, (at, of)), shape=(len(self.rows), n))
        low = np.array([row[1] for row in self.rows]) - 1e-7
        high = np.array([row[2] for row in self.rows]) + 1e-7
        cost = np.zeros(n)
        for index, weight in objective.items():
            cost[index] -= weight
        made = milp(
            cost,
            integrality=np.ones(n),
            bounds=Bounds(0, np.array(self.most)),
            constraints=LinearConstraint(known, low, high),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        assert made.x is not None, made.message
        return np.round(made.x)


class Question:
    """All that is printed about one question, by the finest groups of the register."""

    def __init__(self, cells, register, weights):
        labels = [tuple(row) for row in register.astype(str).itertuples(index=False)]
        self.groups = sorted(set(labels))
        own = np.array([self.groups.index(label) for label in labels])
        self.sizes = np.bincount(own)
        self.weights = np.bincount(own, weights) / self.sizes
        assert np.allclose(weights, self.weights[own])
        self.answers = [c for c in dict.fromkeys(cell.answer for cell in cells) if c != "n"]
        self.program = program = Program()
        kinds = [(g, a) for g in range(len(self.groups)) for a in self.answers]
        self.counts = {kind: program.unknown(self.sizes[kind[0]]) for kind in kinds}
        for g, size in enumerate(self.sizes):
            program.know({self.counts[g, a]: 1 for a in self.answers}, size, size)
        self.cells = {}
        for cell in dict.fromkeys(cells):
            self._read(cell)

    def inside(self, cell):
        """Finest groups that belong to the group of a cell."""
        return [g for g, label in enumerate(self.groups) if cell.group in (ALL, *label)]

    def _read(self, cell):
        groups = self.inside(cell)
        assert groups, cell
        if cell.answer == "n":
            members = itertools.product(groups, self.answers)
            n = float(cell.text.replace(".", ""))
            self.program.know({self.counts[kind]: 1 for kind in members}, n, n)
            return
        own = {self.counts[g, cell.answer]: 1 for g in groups}
        if cell.hidden:
            self.cells[cell] = own
            return
        if found := COUNT.search(cell.text):
            self.program.know(own, int(found[1]), int(found[1]))
            if np.ptp(self.weights[groups]) == 0:
                return  # the share says the same
        if found := PERCENT.search(cell.text):
            for edge, low, high in ((-0.5, 0, np.inf), (0.5, -np.inf, 0)):
                share = (int(found[1]) + edge) / 100
                terms = {
                    self.counts[g, a]: self.weights[g] * ((a == cell.answer) - share)
                    for g in groups
                    for a in self.answers
                }
                self.program.know(terms, low, high)

    def recovered(self):
        """Hidden cells of which no two different values were found.

        In each attempt every hidden group gives another answer as often as it can.
        """
        seen = {cell: set() for cell in self.cells}
        hidden = list(dict.fromkeys(cell.group for cell in seen))
        for shift in range(len(self.answers)):
            turn = {
                group: self.answers[(at + shift) % len(self.answers)]
                for at, group in enumerate(hidden)
            }
            self._look(seen, [cell for cell in seen if cell.answer == turn[cell.group]], 1)
        for cell, sign in itertools.product(seen, (1, -1)):
            self._look(seen, [cell], sign)
        return [cell for cell, values in seen.items() if len(values) < 2]

    def _look(self, seen, cells, sign):
        """Look for answers that make cells large or small, unless two values of each are known."""
        if all(len(seen[cell]) > 1 for cell in cells):
            return
        wanted = {}
        for cell in cells:
            weight = sign / sum(self.sizes[g] for g in self.inside(cell))
            wanted |= dict.fromkeys(self.cells[cell], weight)
        made = self.program.solve(wanted)
        for cell, own in self.cells.items():
            seen[cell].add(made[list(own)].sum())

    def certain(self):
        """Groups of one respondent, and what it must have answered."""
        found = []
        for group in np.flatnonzero(self.sizes == 1):
            some = self.program.solve({})
            for answer in self.answers:
                own = self.counts[group, answer]
                if some[own] and self.program.solve({own: -1}, gap=0)[own]:
                    found.append((self.groups[group], answer))
        return found
