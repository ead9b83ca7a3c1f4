"""Random statements of emitted code, each on one line however long it is."""

from __future__ import annotations

from random import Random

WORDS = [
    *("x", "self.norm", "torch.cat", "channels", "self.attention_of_heads", "F.relu", "widths"),
    *("level", "nn.Linear", "eights", "self.training", "N", "3", '"mean"', "0.5", "bias"),
    *("dropout_rate", "hidden", '"([{ if "', "f(1)[0]"),
]
NAMES = ["x", "temperature_at_noon", "_", "hidden", "humidity_in_percent_of_all"]
METHODS = ["mT", "flatten(2)", "transpose(1, 2)", "reshape(N, 3, -1)"]


class Statements:
    """Draws one statement and the blocks that it stands in."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def text(self) -> str:
        """A function whose last statement is the long one."""
        depth = self.random.randint(1, 4)
        pad = "    " * depth
        code = self.statement()
        before = ["def f():", *("    " * level + "if x:" for level in range(1, depth))]
        after = [f"{pad}    pass"] if code.endswith(":") else []
        return "\n".join([*before, pad + code, *after, ""])

    def statement(self) -> str:
        depth = self.random.choice([1, 2, 2, 3])
        names = ", ".join(self.random.choices(NAMES, k=self.random.randint(1, 5)))
        match self.random.randrange(9):
            case 0 | 1:
                target = self.random.choice(["x", "self.norms", "y, z", "h: list[Tensor]"])
                return f"{target} = {self.value(depth)}"
            case 2:
                return f"return {self.value(depth)}"
            case 3:
                return f"self.units.append({self.value(depth)})"
            case 4:
                return f"if {self.condition(depth)}:"
            case 5:
                called = self.random.choice(["zip", "self.split.batches"])
                given = ", ".join(self.operand(depth - 1) for _ in range(3))
                return f"for {names} in {called}({given}, strict=True):"
            case 6:
                over = self.random.choice(["range(n)", "enumerate(depths)", "zip(a, b)"])
                names = self.random.choice(["_", "i", "i, depth"])
                made = f"{self.operand(depth)} for {names} in {over}"
                return f"self.blocks = nn.ModuleList({made})"
            case 7:
                return f"outputs = [{self.operand(1)} for {names} in {self.operand(depth - 1)}]"
            case _:
                return f"x += {self.value(depth)}"

    def value(self, depth: int) -> str:
        """A sum, a product, a choice, or less."""
        kind = self.random.random()
        if kind < 0.06 and depth > 0:
            condition = self.condition(depth - 1)
            return f"{self.operand(depth - 1)} if {condition} else {self.operand(depth - 1)}"
        if kind < 0.08:
            return f"-{self.name()}"
        if kind < 0.55:
            return self.operand(depth)
        signs = self.random.choice(["+-", "*/", "+", "*", "@"])
        found = self.operand(depth - 1)
        for _ in range(self.random.choice([1, 1, 2])):
            part = self.operand(depth - 1)
            part += f" * {self.operand(0)}" if "+" in signs and self.random.random() < 0.3 else ""
            found += f" {self.random.choice(signs)} {part}"
        return found

    def condition(self, depth: int) -> str:
        kind = self.random.random()
        sign = self.random.choice(["==", "<", ">", "!=", "<=", "in", "not in"])
        found = f"{self.value(min(depth, 1))} {sign} {self.operand(min(depth, 1))}"
        if " if " in found:
            return self.name()
        if kind < 0.6 or depth <= 0:
            return found
        return f"{found} {self.random.choice(['and', 'or'])} {self.condition(depth - 1)}"

    def operand(self, depth: int) -> str:
        """A call, an index, a list, a row of calls, a word."""
        kind = self.random.random()
        if depth <= 0 or kind < 0.35:
            return self.random.choice(WORDS)
        if kind < 0.8:
            given = [self.value(depth - 1) for _ in range(self.random.randint(1, 4))]
            named = self.random.sample(
                ["out", "kernel_size", "dim"], self.random.choice([0, 0, 1, 2])
            )
            given += [f"{each}={self.value(depth - 1)}" for each in named]
            return f"{self.name()}({', '.join(given)})"
        if kind < 0.86:
            return f"{self.name()}[{self.value(depth - 1)}]"
        if kind < 0.9:
            return f"[{', '.join(self.value(depth - 1) for _ in range(4))}]"
        if kind < 0.94:
            return f"({', '.join(self.value(depth - 1) for _ in range(3))})"
        called = f"{self.name()}({self.value(depth - 1)})"
        if kind < 0.97:
            return f"{called}.{self.random.choice(METHODS)}"
        return f"{called}.reshape({self.value(depth - 1)}, 3).transpose(1, 2)"

    def name(self) -> str:
        return self.random.choice([each for each in WORDS if each[0].isalpha() and each != "N"])
