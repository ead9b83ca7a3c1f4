"""Values that a constructor computes: how they are put together and written.

A network for all hyperparameters counts with them. Sizes are polynomials (`dims`); what is none,
such as `2**i` or `depths[0]`, is a tree of operations, and where it is a whole number a name in
polynomials stands for it, whose text is the Python that computes it.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Container, Mapping
from typing import Any

from . import arithmetic, compiletime, ir
from .characters import literal
from .dims import Dim, dim, text
from .dims import name as size_name

Atoms = Mapping[str, ir.Open]

COMPARED = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
STRENGTH = {
    **{"if": 0, "or": 1, "and": 2, "not": 3},
    **dict.fromkeys(COMPARED, 4),
    **{"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8},
}
NEGATIVE = 7  # -1: less than a power, more than a product
WHOLE = 9  # a name, a number, a call: nothing binds tighter
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
# What Python has without an import.
CALLED = "len range enumerate zip reversed min max int float abs round sum sqrt".split()
# What Python's `math` has, which `model.py` imports where it calls one of these.
MATH = "ceil cos exp floor log sin".split()
CALLS_MATH = re.compile(rf'"(?:\\.|[^"\\])*"|#.*|(?<![\w.])(math\.(?:{"|".join(MATH)}))\(')


# Names that `model.py` has for something else.
TAKEN = frozenset(
    """
    self torch nn F math Tensor super bool str tuple list dict slice isinstance vars any
    ValueError SystemExit eval exec compile open getattr setattr globals
    """.split()
) | {*CALLED}
# Inside a class Python reads `__x` as another name.
UNDERSCORES = re.compile(r"_+(?=[_\d])")


class NoForm(Exception):
    """Values that have no operation of this name as long as they are open."""


def safe(word: str) -> str:
    """A name for what a constructor is told, where Python or torch has it for something else."""
    return apart(word, TAKEN)


def apart(name: str, words: Container[str]) -> str:
    """The name, or one like it where it is a keyword or one of these words.

    No two names become one: `len` is `len_`, and so `len_` is `len__`.
    """
    if UNDERSCORES.match(name):
        rest = name.lstrip("_")
        name = f"_{len(name) - len(rest)}_{rest}"
    stem = name.rstrip("_")
    return f"{name}_" if stem in words or keyword.iskeyword(stem) else name


def kind(value: Any) -> str:
    """What a value known or open is: int, float, bool, str, list."""
    match value:
        case ir.Open(kind=found):
            return found
        case bool():
            return "bool"
        case int() | Dim():
            return "int"
        case float():
            return "float"
        case str():
            return "str"
        case tuple():
            return "list"
    return ""


def is_open(value: Any) -> bool:
    """Whether a constructor has to compute it."""
    if isinstance(value, tuple):
        return any(map(is_open, value))
    return isinstance(value, ir.Open) or (isinstance(value, Dim) and value.value is None)


def strength(value: Any) -> int:
    """How tightly the outermost operation of its text binds."""
    match value:
        case ir.Open(operator=operator):
            return STRENGTH.get(operator, WHOLE)
        case Dim() if value.value is None:
            words = text(value)
            if len(value.terms) > 1 or words.startswith("-"):
                return STRENGTH["+"]
            (mono, number), *_ = value.terms
            plain = number == 1 and len(mono) == 1 and mono[0][1] == 1
            if plain and mono[0][0].kind == "name":
                return STRENGTH["**"] if "**" in words and words[0] != "(" else WHOLE
            return WHOLE if plain and mono[0][0].kind in ("min", "max") else STRENGTH["*"]
        case int() | float() if value < 0:
            return NEGATIVE
    return WHOLE


def written(value: Any, least: int = 0) -> str:
    """The Python text of a value, in brackets where it binds looser than `least`."""
    match value:
        case ir.Open():
            found = value.text
        case Dim():
            found = text(value, times=" * ")
        case str():
            found = literal(value)
        case tuple():
            found = f"({', '.join(map(written, value))}{',' if len(value) == 1 else ''})"
        case _:
            found = repr(value)
    return f"({found})" if strength(value) < least else found


def operation(operator: str, *values: Any) -> Any:
    """The value of an operator; raises `NoForm` where it has none, as open as they are."""
    if operator in COMPARED and all(isinstance(each, int | Dim) for each in values):
        # A name of a spec may be 0 here, so that only a known difference decides.
        left, right = map(dim, values)
        if (left - right).value is not None:
            return arithmetic.apply(operator, left - right, 0)
    elif operator not in COMPARED and not any(isinstance(each, ir.Open) for each in values):
        try:
            return arithmetic.apply(operator, *values)
        except arithmetic.ArithmeticFault:
            # A comparison of open sizes, a power of one, a fraction: computed by the constructor.
            if not any(isinstance(each, Dim) for each in values):
                raise NoForm from None
    kinds = [kind(each) for each in values]
    if operator == "not":
        return _negated(values[0])
    if operator in ("and", "or"):
        return _joined(operator, *values)
    if operator in COMPARED:
        found = "bool"
    elif len(values) == 2 and set(kinds) <= {"int", "float"}:
        whole = set(kinds) == {"int"} and operator != "/"
        found = "int" if whole and operator in ("+", "-", "*", "//", "%", "**") else "float"
    elif operator == "-" and kinds[0] in ("int", "float"):
        return ir.Open(f"-{written(values[0], 7)}", kinds[0], "-", values)
    else:
        raise NoForm
    if operator not in STRENGTH:
        raise NoForm
    return ir.Open(_infix(operator, *values), found, operator, values)


def _infix(operator: str, left: Any, right: Any) -> str:
    """`a + b`; a power of simple operands has no spaces, as formatters leave it."""
    level = STRENGTH[operator]
    first = written(left, level + (operator == "**" or operator in COMPARED))
    second = written(right, level + 1 if operator != "**" else NEGATIVE)
    parts = (first, second.removeprefix("-") if operator == "**" else second)
    simple = all(part.replace(".", "").replace("_", "").isalnum() for part in parts)
    return f"{first}**{second}" if operator == "**" and simple else f"{first} {operator} {second}"


def _negated(value: Any) -> Any:
    if not is_open(value):
        return not value
    if isinstance(value, ir.Open) and value.operator in NEGATED:
        return operation(NEGATED[value.operator], *value.operands)
    if isinstance(value, ir.Open) and value.operator == "not":
        return value.operands[0]
    return ir.Open(f"not {written(value, STRENGTH['not'])}", "bool", "not", (value,))


def _joined(operator: str, left: Any, right: Any) -> Any:
    """`and`, `or`: a side that is known decides, or does not count."""
    for one, other in ((left, right), (right, left)):
        if not is_open(one):
            decides = bool(one) is (operator == "or")
            return one if decides else other
    level = STRENGTH[operator]
    words = f"{written(left, level)} {operator} {written(right, level + 1)}"
    return ir.Open(words, "bool", operator, (left, right))


def choice(condition: Any, then: Any, otherwise: Any) -> Any:
    """One of two values, by a condition that is open."""
    if then == otherwise and kind(then) == kind(otherwise):
        return then
    kinds = {kind(then), kind(otherwise)}
    if "" in kinds or (len(kinds) > 1 and kinds != {"int", "float"}):
        raise NoForm
    found = kinds.pop() if len(kinds) == 1 else "float"
    words = f"{written(then, 1)} if {written(condition, 1)} else {written(otherwise)}"
    return ir.Open(words, found, "if", (condition, then, otherwise), _sample(then))


def _sample(value: Any) -> Any:
    return value.sample if isinstance(value, ir.Open) else value


def call(name: str, values: tuple[Any, ...]) -> Any:
    """A function of Python's on values that are open; raises `NoForm`."""
    if name in MATH:
        return _of_math(name, values)
    if name not in CALLED:
        raise NoForm
    values = tuple(ranged(each) if isinstance(each, ir.OpenRange) else each for each in values)
    kinds = [kind(each) for each in values]
    again = name in ("reversed", "len", "sum", "min", "max")
    given = ", ".join(_kept(each) if again else written(each) for each in values)
    if name == "sqrt":
        base = written(values[0], STRENGTH["**"] + 1)
        simple = base.replace("_", "").isalnum()
        return ir.Open(f"{base}**0.5" if simple else f"{base} ** 0.5", "float", "sqrt", values)
    if name in ("enumerate", "zip", "reversed", "range"):
        also = ", strict=False" if name == "zip" else ""
        return ir.Open(f"{name}({given}{also})", "list", name, values, _listed(name, values))
    if name in ("len", "int"):
        found = "int"
    elif name in ("float",) or "float" in kinds:
        found = "int" if name == "round" and len(values) == 1 else "float"
    elif set(kinds) <= {"int"}:
        found = "int"
    elif name in ("min", "max", "sum") and kinds == ["list"] and _sample(values[0]):
        found = kind(_sample(values[0])[0])
    else:
        raise NoForm
    return ir.Open(f"{name}({given})", found, name, values)


def _of_math(name: str, values: tuple[Any, ...]) -> Any:
    """`math.log(depth)`; a whole number is its own floor."""
    kinds = {kind(each) for each in values}
    if not kinds <= {"int", "float"} or not 1 <= len(values) <= 1 + (name == "log"):
        raise NoForm
    rounds = name in ("ceil", "floor")
    if rounds and kinds == {"int"}:
        return values[0]
    given = ", ".join(map(written, values))
    return ir.Open(f"math.{name}({given})", "int" if rounds else "float", name, values)


def calls_math(line: str) -> bool:
    """Whether a line of code, not its strings or comment, calls a function of `math`."""
    return any(found[1] for found in CALLS_MATH.finditer(line))


def ranged(value: ir.OpenRange) -> ir.Open:
    """`range(depth)` as a list of the constructor's."""
    ends = (value.stop,) if value.start == 0 else (value.start, value.stop)
    found = call("range", ends)
    assert isinstance(found, ir.Open)
    return found


def _kept(value: Any) -> str:
    """A list that is gone through more than once, or from behind: what Python makes turn by turn
    is no list."""
    passing = isinstance(value, ir.Open) and value.operator in ("enumerate", "zip", "reversed")
    return f"list({written(value)})" if passing else written(value)


def _listed(name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a list is in one use; of a range whose end is open, a number."""
    if name == "range":
        return (0, 1)
    samples = tuple(_sample(each) for each in values)
    if not all(isinstance(each, tuple | int) for each in samples):
        raise NoForm
    return tuple(compiletime.call(name, samples))


def entry(target: Any, index: Any) -> Any:
    """`list[index]`; raises `NoForm` where what its entries are is not known."""
    sample = _sample(target)
    if not isinstance(sample, tuple) or not sample:
        raise NoForm
    place = index if isinstance(index, int) else 0
    if not isinstance(place, int) or not -len(sample) <= place < len(sample):
        raise NoForm
    if not isinstance(index, int) and len({kind(each) for each in sample}) > 1:
        raise NoForm
    held = _kept(target) if strength(target) == WHOLE else written(target, WHOLE)
    words = f"{held}[{written(index)}]"
    return ir.Open(words, kind(sample[place]), "[]", (target, index), sample[place])


def part(target: Any, start: Any, stop: Any, step: Any) -> Any:
    """`list[1:]`; raises `NoForm` where its ends are open, or nothing would be left."""
    sample = _sample(target)
    ends = [each.value if isinstance(each, Dim) else each for each in (start, stop, step)]
    known = all(each is None or isinstance(each, int) for each in ends)
    was = all(a is b or a == b for a, b in zip(ends, (start, stop, step), strict=True))
    if not isinstance(sample, tuple) or not known or not was or not sample[slice(*ends)]:
        raise NoForm
    shown = ["" if each is None else str(each) for each in ends]
    held = f"{_kept(target)}[{':'.join(shown if shown[2] else shown[:2])}]"
    return ir.Open(held, "list", "[:]", (target, *ends), sample[slice(*ends)])


def alike(entries: tuple[Any, ...]) -> bool:
    """Whether the entries of a list are of one structure, so that one loop serves all."""
    if len({kind(each) for each in entries}) != 1 or not kind(entries[0]):
        return False
    if not isinstance(entries[0], tuple):
        return True
    return len({len(each) for each in entries}) == 1 and all(map(alike, zip(*entries, strict=True)))


def names(value: Any, atoms: Atoms) -> frozenset[str]:
    """The names that a constructor must know to compute a value."""
    match value:
        case Dim():
            found = (names(atoms[each], atoms) if each in atoms else {each} for each in value.names)
            return frozenset().union(*found)
        case ir.Open(operator="" | "let", text=word):
            return frozenset({word})
        case ir.Open(operands=operands):
            return frozenset().union(*(names(each, atoms) for each in operands))
        case tuple() | list():
            return frozenset().union(*(names(each, atoms) for each in value))
    return frozenset()


def functions_of(value: Any, atoms: Atoms) -> dict[str, None]:
    """The functions of the spec that a value calls, in order."""
    match value:
        case Dim():
            parts: tuple[Any, ...] = tuple(atoms[each] for each in sorted(value.names & {*atoms}))
        case ir.Open(operator=operator, operands=operands):
            own = {operator[:-2]: None} if operator.endswith("()") else {}
            found = dict(own)
            for each in operands:
                found |= functions_of(each, atoms)
            return found
        case tuple() | list():
            parts = tuple(value)
        case _:
            return {}
    found = {}
    for each in parts:
        found |= functions_of(each, atoms)
    return found


def let(word: str, value: Any) -> ir.Open:
    """A value under a name that the constructor gives it first."""
    return ir.Open(word, kind(value), "let", (value,), _sample(value))


def given(value: Any) -> Any:
    """A value without the name that a constructor gives it."""
    named = isinstance(value, ir.Open) and value.operator == "let"
    return value.operands[0] if named else value


def as_name(value: ir.Open) -> tuple[Dim, str]:
    """A whole number as a size, and the name in sizes that stands for it."""
    loose = strength(value) < STRENGTH["**"]
    word = f"({value.text})" if loose else value.text
    return size_name(word), word
