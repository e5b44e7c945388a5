"""Filter language of tables: ``score > 0.3 and alive < 3``, ``not converged``, ``roi 12``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from neuropil_gui.core.errors import DataError
from neuropil_gui.state.predicates import TEXTUAL, Row, Test, all_of, any_of, flag, negated, numeric, textual


class FilterError(DataError):
    """A filter that cannot be understood; the message says what, and where.

    Attributes
    ----------
    position : int
        Of the character in question, from 0.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.position = position


@dataclass(frozen=True)
class FilterColumn:
    """A column that a filter can compare.

    Attributes
    ----------
    name : str
        As written in a filter, and the key in a row.
    kind : type
        float (any number), str or bool.
    help : str
        What it holds, in a sentence without its full stop; empty where nobody reads it.
    aliases : tuple of str
        Other names that are understood.
    """

    name: str
    kind: type
    help: str = ""
    aliases: tuple[str, ...] = ()


_DEEPEST = 50
_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<op><=|>=|==|!=|!~|<|>|=|~|≤|≥|≠)"""
    r"""|(?P<quoted>"[^"]*"|'[^']*')|(?P<word>[^\s()<>=!~≤≥≠"'][^\s()<>=!~≤≥≠"]*)|(?P<end>$))"""
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SAME_OP = {"==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_KEYWORDS = ("and", "or", "not")


@dataclass(frozen=True)
class Filter:
    """A filter that was understood.

    Attributes
    ----------
    text : str
        As it was written.
    columns : frozenset of str
        The columns it looks at, e.g. to know whether a new result can change what is shown.
    """

    text: str
    columns: frozenset[str]
    _test: Test = field(repr=False, compare=False)

    def matches(self, row: Row) -> bool:
        """Return whether a row passes.

        Parameters
        ----------
        row : mapping
            Values by the columns' names; None, NaN or missing where they are not known. Whatever
            hangs on a value that is not known does not pass, with ``not`` before it or without.
        """
        return self._test(row) is True


def parse(text: str, columns: Mapping[str, FilterColumn]) -> Filter:
    """Read a filter.

    Comparisons ``column op value`` (or ``value op column``, ``low < column < high``) with ``< <= >
    >= = == !=`` for numbers, and ``~`` (contains), ``!~``, ``=``, ``!=`` for text, which ignore
    case; the name of a flag alone; ``and``, ``or``, ``not`` and parentheses, binding as in Python.
    Other words are searched for in the name. Nothing is evaluated as code.

    Parameters
    ----------
    text : str
        Empty for a filter that everything passes.
    columns : mapping of str to FilterColumn
        Those of the table, by name in lower case; one of them must be ``name``.

    Returns
    -------
    Filter

    Raises
    ------
    FilterError
        (a DataError) A sentence on what was found and what was expected, with the position.
    """
    parser = _Parser(text, columns)
    return Filter(text, frozenset(), lambda _: True) if not text.strip() else parser.parse()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int

    @property
    def keyword(self) -> str:
        """The keyword that a word is, if it is one."""
        return self.text.lower() if self.kind == "word" and self.text.lower() in _KEYWORDS else ""

    @property
    def quoted(self) -> str:
        return f"'{self.text}'" if self.text else "the end"


@dataclass(frozen=True)
class _Operand:
    """A run of words, or a quoted text; what it means depends on what stands beside it."""

    text: str
    position: int
    quoted: bool


class _Parser:
    def __init__(self, text: str, columns: Mapping[str, FilterColumn]) -> None:
        self._columns = columns
        self._by_name = dict(columns) | {alias: each for each in columns.values() for alias in each.aliases}
        self._used: set[str] = set()
        self._tokens = _tokens(text)
        self._place = 0
        self._depth = 0
        self._text = text

    def parse(self) -> Filter:
        test = self._either()
        if self._token.kind == "close":
            raise FilterError("This ) closes nothing", self._token.position)
        if self._token.kind != "end":
            raise FilterError(f"Expected and, or, or the end, but {self._token.quoted} was found", self._token.position)
        return Filter(self._text, frozenset(self._used), test)

    @property
    def _token(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._token
        self._place += 1
        return token

    def _either(self) -> Test:
        tests = [self._both()]
        while self._token.keyword == "or":
            self._take()
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else any_of(tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._token.keyword == "and":
            self._take()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else all_of(tests)

    def _one(self) -> Test:
        turned = False
        while self._token.keyword == "not":
            self._take()
            turned = not turned
        test = self._group() if self._token.kind == "open" else self._comparison()
        return negated(test) if turned else test

    def _group(self) -> Test:
        opening = self._take()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FilterError(f"More than {_DEEPEST} parentheses inside each other", opening.position)
        test = self._either()
        self._depth -= 1
        if self._token.kind != "close":
            if self._token.kind == "end":
                raise FilterError("This ( is never closed", opening.position)
            raise FilterError(f"Expected and, or, or ), but {self._token.quoted} was found", self._token.position)
        self._take()
        return test

    def _comparison(self) -> Test:
        operands, operators = [self._operand("a column, a word or (")], []
        while self._token.kind == "op":
            operators.append(self._take())
            operands.append(self._operand(f"a value after {operators[-1].text}"))
        if not operators:
            return self._alone(operands[0])
        tests = [
            self._compare(left, operator, right)
            for left, operator, right in zip(operands, operators, operands[1:], strict=False)
        ]
        return tests[0] if len(tests) == 1 else all_of(tests)

    def _operand(self, expected: str) -> _Operand:
        token = self._token
        if token.kind == "quoted":
            self._take()
            return _Operand(token.text[1:-1], token.position, True)
        words = []
        while self._token.kind == "word" and not self._token.keyword:
            words.append(self._take().text)
        if not words:
            raise FilterError(f"Expected {expected}, but {token.quoted} was found", token.position)
        return _Operand(" ".join(words), token.position, False)

    def _alone(self, operand: _Operand) -> Test:
        column = self._column(operand)
        if column is not None and column.kind is bool:
            self._used.add(column.name)
            return flag(column.name, True)
        self._used.add("name")
        return textual("name", "~", operand.text)

    def _compare(self, left: _Operand, operator: _Token, right: _Operand) -> Test:
        op = _SAME_OP.get(operator.text, operator.text)
        column, value = self._column(left), right
        if column is None and op in _FLIPPED and self._column(right) is not None:
            column, value, op = self._column(right), left, _FLIPPED[op]
        if column is None:
            self._unknown(left, right)
        self._used.add(column.name)
        if column.kind is str:
            if op not in TEXTUAL:
                message = f"{column.name} is text: use ~ (contains), = or !=, not {operator.text}"
                raise FilterError(message, operator.position)
            return textual(column.name, op, value.text)
        if op in ("~", "!~"):
            raise FilterError(f"{operator.text} searches text, but {column.name} is none", operator.position)
        if column.kind is bool:
            wanted = _FLAGS.get(value.text.lower())
            if wanted is None or op not in ("=", "!="):
                message = f"{column.name} is yes or no: write {column.name}, or not {column.name}"
                raise FilterError(message, operator.position if wanted is not None else value.position)
            return flag(column.name, wanted == (op == "="))
        number = _number(value.text)
        if number is None:
            hint = ", with a point instead of the comma" if _number(value.text.replace(",", ".", 1)) is not None else ""
            raise FilterError(
                f"{column.name} is compared with a number{hint}, but '{value.text}' was found", value.position
            )
        return numeric(column.name, op, number)

    def _column(self, operand: _Operand) -> FilterColumn | None:
        return None if operand.quoted else self._by_name.get(operand.text.lower())

    def _unknown(self, left: _Operand, right: _Operand) -> NoReturn:
        known = f"there are {', '.join(self._columns)}"
        meant = [each for each in (left, right) if not each.quoted and _number(each.text) is None]
        if not meant:
            message = f"Neither '{left.text}' nor '{right.text}' is a column; {known}"
            raise FilterError(message, left.position)
        raise FilterError(f"There is no column '{meant[0].text}'; {known}", meant[0].position)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while not tokens or tokens[-1].kind != "end":
        found = _TOKEN.match(text, place)
        if found is None:
            place += len(text[place:]) - len(text[place:].lstrip())
            if text[place] in "\"'":
                raise FilterError("This quotation mark is never closed", place)
            hint = "; write not" if text[place] == "!" else ""
            raise FilterError(f"'{text[place]}' is not understood{hint}", place)
        kind = found.lastgroup or "end"
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        place = found.end()
    return tokens


def _number(text: str) -> float | None:
    plain = text.replace("\N{MINUS SIGN}", "-")
    return float(plain) if _NUMBER.fullmatch(plain) else None
