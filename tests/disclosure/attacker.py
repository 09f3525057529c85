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
_INFEASIBLE = 2


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

    def possible(self, index, value):
        """Whether an unknown can have a value."""
        self.rows.append(({index: 1.0}, value, value))
        made = self._run({}, seconds=20.0, gap=1.0)
        self.rows.pop()
        assert made.x is not None or made.status == _INFEASIBLE, made.message
        return made.x is not None

    def solve(self, wanted, *, seconds=10.0, gap=0.3):
        """Some answers that agree with what is known; those wanted are made many."""
        made = self._run(wanted, seconds=seconds, gap=gap)
        assert made.x is not None, made.message
        return np.round(made.x)

    def _run(self, wanted, *, seconds, gap):
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
        for index, weight in wanted.items():
            cost[index] -= weight
        return milp(
            cost,
            integrality=np.ones(n),
            bounds=Bounds(0, np.array(self.most)),
            constraints=LinearConstraint(known, low, high),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )


class Attack:
    """All that is printed about some questions, by the finest groups of the register."""

    def __init__(self, register, weights=None):
        labels = [tuple(row) for row in register.astype(str).itertuples(index=False)]
        self.groups = sorted(set(labels))
        self.own = np.array([self.groups.index(label) for label in labels])
        weights = np.ones(len(labels)) if weights is None else weights
        self.weights = np.bincount(self.own, weights) / np.bincount(self.own)
        assert np.allclose(weights, self.weights[self.own])
        self.program = Program()
        self.sizes: dict[str, np.ndarray] = {}
        self.answers: dict[str, list[str]] = {}
        self.counts: dict[tuple[str, int, str], int] = {}
        self.hidden: dict[Cell, dict[int, float]] = {}

    def read(self, cells, answered=None):
        """Take what is printed about one question; the attacker even knows who answered it."""
        (name,) = {cell.question for cell in cells}
        own = self.own if answered is None else self.own[answered]
        sizes = self.sizes[name] = np.bincount(own, minlength=len(self.groups))
        answers = [c for c in dict.fromkeys(cell.answer for cell in cells) if c != "n"]
        self.answers[name] = answers
        for g, size in enumerate(sizes):
            for a in answers:
                self.counts[name, g, a] = self.program.unknown(size)
            self.program.know({self.counts[name, g, a]: 1 for a in answers}, size, size)
        for cell in dict.fromkeys(cells):
            self._read(cell)
        return self

    def exclude(self):
        """Know that nobody gives one answer twice, as the ranks of a ranking."""
        most = np.bincount(self.own)
        for g, a in dict.fromkeys((g, a) for _, g, a in self.counts):
            every = {self.counts[name, g, a]: 1 for name in self.answers}
            self.program.know(every, 0, most[g])
        return self

    def inside(self, cell):
        """Finest groups that belong to the group of a cell."""
        return [g for g, label in enumerate(self.groups) if cell.group in (ALL, *label)]

    def _read(self, cell):
        groups = self.inside(cell)
        assert groups, cell
        name, answers = cell.question, self.answers[cell.question]
        if cell.answer == "n":
            members = itertools.product([name], groups, answers)
            n = float(cell.text.replace(".", ""))
            self.program.know({self.counts[kind]: 1 for kind in members}, n, n)
            return
        own = {self.counts[name, g, cell.answer]: 1 for g in groups}
        if cell.hidden:
            self.hidden[cell] = own
            return
        even = np.ptp(self.weights[groups]) == 0
        if found := COUNT.search(cell.text):
            self.program.know(own, int(found[1]), int(found[1]))
        if (found := PERCENT.search(cell.text)) is None or (even and COUNT.search(cell.text)):
            return
        edges = [(int(found[1]) + edge) / 100 for edge in (-0.5, 0.5)]
        if even:
            n = self.sizes[name][groups].sum()
            self.program.know(own, *(n * edge for edge in edges))
            return
        for share, low, high in zip(edges, (0, -np.inf), (np.inf, 0), strict=True):
            terms = {
                self.counts[name, g, a]: self.weights[g] * ((a == cell.answer) - share)
                for g in groups
                for a in answers
            }
            self.program.know(terms, low, high)

    def recovered(self):
        """Hidden cells of which no two different values were found.

        In each attempt every hidden group gives another answer as often as it can.
        """
        seen = {cell: set() for cell in self.hidden}
        places = list(dict.fromkeys((cell.question, cell.group) for cell in seen))
        for shift in range(max(map(len, self.answers.values()))):
            turn = {
                place: self.answers[place[0]][(at + shift) % len(self.answers[place[0]])]
                for at, place in enumerate(places)
            }
            wanted = [c for c in seen if c.answer == turn[c.question, c.group]]
            self._look(seen, wanted, 1)
        for cell, sign in itertools.product(seen, (1, -1)):
            self._look(seen, [cell], sign)
        return [cell for cell, values in seen.items() if len(values) < 2]

    def _look(self, seen, cells, sign):
        """Look for answers that make cells large or small, unless two values of each are known."""
        if all(len(seen[cell]) > 1 for cell in cells):
            return
        wanted = {}
        for cell in cells:
            weight = sign / sum(self.sizes[cell.question][g] for g in self.inside(cell))
            wanted |= dict.fromkeys(self.hidden[cell], weight)
        made = self.program.solve(wanted)
        for cell, own in self.hidden.items():
            seen[cell].add(made[list(own)].sum())

    def _alone(self, name, group):
        return self.sizes[name][group] == 1

    def certain(self):
        """Groups in which one respondent answered, and what it must have been."""
        kinds = {
            own: kind for kind, own in self.counts.items() if self.sizes[kind[0]][kind[1]] == 1
        }
        left = list(kinds)
        while left:
            made = self.program.solve(dict.fromkeys(left, -1))
            if made[left].all():
                break
            left = [own for own in left if made[own]]
        found = [kinds[own] for own in left if not self.program.possible(own, 0)]
        return [(name, self.groups[g], answer) for name, g, answer in found]
