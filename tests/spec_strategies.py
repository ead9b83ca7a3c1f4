"""Random valid specs: words chosen rule by rule, then written with random space and comments.

All choices are read off one random byte string, which is far quicker than a draw for each, and
shrinks as well.
"""

from __future__ import annotations

from hypothesis import strategies as st

SOFT = [
    *("param", "function", "data", "block", "model", "extern", "train", "predict", "expect"),
    *("sweep", "from", "import", "on", "step", "updates", "every", "copy", "ema", "within", "of"),
    *("maximize", "minimize"),
]
RESERVED = ["input", "output", "layer", "weight", "buffer", "require"]
NUMBERS = ["0", "3", "1_000", "1.", ".5", "1e-3", "2.5E+10", "0.25", "12345678901234567890"]
STRINGS = ['"a"', '""', r'"\n\"\\"', '"é→猫"', r'"\x00\u200b\U0001f600"', '"# no comment {"', '"}"']
OPERATORS = ["+", "-", "*", "/", "//", "%", "@", "**", "and", "or"]
COMPARISONS = [("==",), ("!=",), ("<",), ("<=",), (">",), (">=",), ("in",), ("not", "in")]
SPACES = [" ", " ", " ", "\n", "\n\n\n", "\t", "  "]
TIGHT = set("()[]{},")


class Writer:
    """Chooses one spec's words; `fuel` bounds how deep and how long it gets."""

    def __init__(self, choices: bytes, fuel: int) -> None:
        self.choices = iter(choices)
        self.fuel = fuel

    def below(self, limit: int) -> int:
        return next(self.choices, 0) % limit

    def pick(self, options):
        return options[self.below(len(options))]

    def few(self, most: int, least: int = 0) -> range:
        self.fuel -= 1
        most = max(least, most if self.fuel > 0 else 0)
        return range(least + self.below(most - least + 1))

    def joined(self, make, most: int, least: int = 1, trailing: bool = False) -> list[str]:
        words: list[str] = []
        for number in self.few(most, least):
            words += [",", *make()] if number else make()
        if words and trailing and self.below(2):
            words.append(",")
        return words

    def maybe(self, make) -> list[str]:
        return make() if self.below(2) else []

    def name(self) -> list[str]:
        return [self.pick(["a", "b1", "_c", "long_name_of_a_value", "D", *SOFT])]

    def any_name(self) -> list[str]:
        reserved = [*RESERVED, "for", "if", "else", "True", "False", "None"]
        return [self.pick(reserved)] if self.pick(range(4)) == 0 else self.name()

    # Expressions.

    def expr(self) -> list[str]:
        if self.fuel > 0 and self.pick(range(4)) == 0:
            self.fuel -= 2
            words = self.value()
            for _ in self.few(3, 1):
                words += ["->", *self.value()]
                if self.pick(range(3)) == 0:
                    words += ["{", *self.expr(), "}"]
            return words
        return self.value()

    def value(self) -> list[str]:
        self.fuel -= 1
        if self.fuel <= 0:
            return self.operand()
        match self.pick(range(8)):
            case 0:
                return [*self.value(), self.pick(OPERATORS), *self.value()]
            case 1:
                return ["(", "not", *self.value(), ")"]
            case 2:
                return [self.pick(["-", "+", "~"]), *self.operand()]
            case 3:
                words = self.operand()
                for _ in self.few(2, 1):
                    words += [*self.pick(COMPARISONS), *self.operand()]
                return words
            case 4:
                words = ["if", *self.value(), "{", *self.expr(), "}", "else"]
                otherwise = self.maybe(self.value)
                if otherwise:
                    words += ["if", *otherwise, "{", *self.expr(), "}", "else"]
                return [*words, "{", *self.expr(), "}"]
        return self.operand()

    def operand(self) -> list[str]:
        if self.fuel <= 0:
            return self.pick([["x"], ["3"], ["True"], ['"s"'], self.name()])
        match self.pick(range(9)):
            case 0:
                return self.named()
            case 1:
                words = ["(", *self.expr(), ")"]
            case 2:
                words = ["(", *self.expr(), ",", *self.joined(self.expr, 2, 0, True), ")"]
            case 3:
                words = ["[", *self.joined(self.expr, 3, 0, True), "]"]
            case 4:
                numbers = self.joined(lambda: ["-", self.pick(NUMBERS)], 60, 0, True)
                return ["[", *numbers, "]"]
            case 5:
                words = [self.pick(NUMBERS)]
            case 6:
                words = [self.pick(STRINGS)]
            case 7:
                words = [self.pick(["True", "False", "None"])]
            case _:
                return self.name()
        return self.after(words)

    def named(self) -> list[str]:
        return self.after([self.pick(RESERVED)] if self.pick(range(4)) == 0 else self.name())

    def after(self, words: list[str]) -> list[str]:
        for _ in self.few(2):
            match self.pick(range(3)):
                case 0:
                    words += [".", *self.any_name()]
                case 1:
                    words += self.arguments()
                case 2:
                    words += ["[", *self.joined(self.index, 2), "]"]
        return words

    def arguments(self) -> list[str]:
        return ["(", *self.joined(self.argument, 3, 0, True), ")"]

    def argument(self) -> list[str]:
        return [*self.maybe(lambda: [*self.any_name(), "="]), *self.expr()]

    def index(self) -> list[str]:
        match self.pick(range(3)):
            case 0:
                return ["..."]
            case 1:
                step = self.maybe(lambda: [":", *self.maybe(self.value)])
                return [*self.maybe(self.value), ":", *self.maybe(self.value), *step]
        return self.value()

    def type(self) -> list[str]:
        sizes = self.maybe(lambda: ["[", *self.joined(self.size, 3), "]"])
        return [*self.name(), *self.maybe(self.arguments), *sizes]

    def size(self) -> list[str]:
        return self.pick([["..."], ["N"], ["3"]]) if self.fuel < 0 else self.value()

    # Statements.

    def typed(self, name: list[str]) -> list[str]:
        return [*name, ":", *self.type()]

    def bound(self) -> list[str]:
        return ["=", *self.expr()]

    def pattern(self, depth: int = 0) -> list[str]:
        def part() -> list[str]:
            nested = depth < 2 and self.pick(range(4)) == 0
            return ["(", *self.pattern(depth + 1), ")"] if nested else self.name()

        return [*self.name(), *(word for _ in self.few(2) for word in [",", *part()])]

    def body(self) -> list[str]:
        return ["{", *(word for _ in self.few(4) for word in self.statement()), "}"]

    def statement(self) -> list[str]:
        match self.pick(range(10)):
            case 0:
                return ["input", *self.typed(self.name()), *self.maybe(self.bound)]
            case 1:
                types = self.maybe(lambda: [":", *self.type()])
                return ["output", *self.name(), *types, *self.maybe(self.bound)]
            case 2:
                return ["layer", *self.name(), *self.bound()]
            case 3:
                return [self.pick(["weight", "buffer"]), *self.typed(self.name()), *self.bound()]
            case 4:
                message = self.maybe(lambda: [",", self.pick(STRINGS)])
                return ["require", *self.value(), *message]
            case 5:
                return ["for", *self.pattern(), "in", *self.value(), *self.body()]
            case 6:
                words = ["if", *self.value(), *self.body()]
                words += self.maybe(lambda: ["else", "if", *self.value(), *self.body()])
                return words + self.maybe(lambda: ["else", *self.body()])
            case 7:
                return [*self.name(), ".", *self.name(), *self.arguments()]
        return [*self.pattern(), *self.bound()]

    # Declarations.

    def parameters(self) -> list[str]:
        def one() -> list[str]:
            types = self.maybe(lambda: [":", *self.type()])
            return [*self.name(), *types, *self.maybe(self.bound)]

        return ["(", *self.joined(one, 3, 0, True), ")"]

    def entries(self, *makes) -> list[str]:
        return ["{", *(word for _ in self.few(4) for word in self.pick(makes)()), "}"]

    def option(self) -> list[str]:
        return [*self.any_name(), *self.bound()]

    def field(self) -> list[str]:
        return [*self.typed(self.any_name()), *self.maybe(self.bound)]

    def step(self) -> list[str]:
        updates = self.maybe(lambda: ["updates", *self.joined(self.name, 2)])
        every = self.maybe(lambda: ["every", *self.value()])
        return ["step", *self.name(), *updates, *every, *self.body()]

    def copy(self) -> list[str]:
        mode = self.pick(["every", "ema"])
        return ["copy", *self.name(), "=", *self.name(), mode, *self.value()]

    def term(self) -> list[str]:
        return ["(", *self.expr(), ")"] if self.pick(range(3)) == 0 else self.operand()

    def expectation(self) -> list[str]:
        if self.below(2):
            return [*self.named(), *self.pick(COMPARISONS), *self.term(), "*", *self.term()]
        return [*self.named(), "within", *self.term(), "of", *self.term()]

    def use(self) -> list[str]:
        return [*self.maybe(lambda: [*self.name(), "="]), *self.named()]

    def search(self) -> list[str]:
        return [*self.name(), "in", *self.value()]

    def goal(self) -> list[str]:
        return [self.pick(["maximize", "minimize"]), *self.named()]

    def setting(self) -> list[str]:
        return [*self.name(), *self.bound()]

    def declaration(self) -> list[str]:
        match self.pick(range(12)):
            case 0:
                return ["from", self.pick(STRINGS), "import", *self.joined(self.name, 3)]
            case 1 | 2:
                return ["param", *self.name(), *self.bound()]
            case 3:
                return ["function", *self.name(), *self.parameters(), *self.bound()]
            case 4:
                origin = self.maybe(lambda: ["from", *self.named()])
                return ["data", *self.name(), *origin, *self.entries(self.field, self.option)]
            case 5:
                return ["block", *self.name(), *self.maybe(self.parameters), *self.bound()]
            case 6 | 7:
                kind = self.pick(["block", "model"])
                return [kind, *self.name(), *self.maybe(self.parameters), *self.body()]
            case 8:
                taken = self.maybe(self.parameters)
                return ["extern", *self.name(), *taken, "=", *self.named(), *self.body()]
            case 9:
                models = self.joined(self.use, 2)
                entries = self.entries(self.option, self.step, self.copy)
                return ["train", *models, "on", *self.name(), *entries]
            case 10:
                return ["predict", *self.name(), *self.body()]
            case _:
                if self.below(2):
                    return ["expect", *self.entries(self.expectation)]
                return ["sweep", *self.entries(self.search, self.goal, self.setting)]

    def written(self, words: list[str], comments: bool) -> str:
        """Words as text, with random space between them, and comments where a line may end."""
        out: list[str] = []
        often = self.pick([1, 3]) if comments else 0
        for number, word in enumerate(["", *words]):
            after = words[number] if number < len(words) else ""
            out.append(word)
            kind = self.below(32)
            if kind >= 32 - often:
                lines = ["  # %d\n", "\n# %d {\n", "\n\n  # %d }\n\n\n"]
                out.append(self.pick(lines) % number)
            elif kind == 1 and (word[-1:] in TIGHT or after[:1] in TIGHT):
                out.append("")
            else:
                out.append(self.pick(SPACES) if kind > 20 else " ")
        return "".join(out)


def specs(comments: bool = True, fuel: int = 25) -> st.SearchStrategy[str]:
    """The text of a valid spec."""

    def spec(choices: bytes) -> str:
        writer = Writer(choices, fuel)
        words = [word for _ in writer.few(4, 1) for word in writer.declaration()]
        return writer.written(words, comments)

    return st.binary(min_size=20, max_size=1500).map(spec)
