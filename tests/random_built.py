"""Random specs of what a constructor decides: loops, branches, lists, blocks and shared layers.

Nothing here is right by construction: a text that does not check is drawn again.
"""

from __future__ import annotations

from random import Random
from typing import Any

CHECKS = ("deep", "not deep", "k > 1", "k == 2", "depth % 2 == 0", "mode == \"a\"", "p > 0.2",
          "len(widths) > 2", "width == widths[0]", "deep or k > 2", "deep and mode != \"b\"",
          "width > 4 and k < 3", "2 in widths")  # fmt: skip
IN_LOOPS = ("i == 0", "i > 1", "i % 2 == 0", "i == depth - 1", "i + 1 < len(widths)", "w > 3",
            "w == width", "i < k", "not deep and i > 0", "i in [0, 2]")  # fmt: skip
IN_COUNTED = ("i > 0", "i % 2 == 0", "i == depth - 1", "i < k", "deep", "i != 1")
SIZES = ("width", "2 * width", "widths[0]", "widths[-1]", "width + k", "width * k", "2 ** k",
         "max(width, k)", "sum(widths)", "width // 2 + 1", "wide(width)", "wide(k)", "int(p * 10)",
         "min(widths) + 1", "len(widths)")  # fmt: skip
LOOPS = ("range(depth)", "range(k)", "range(1, depth + 1)", "reversed(range(depth))", "range(3)",
         "widths", "reversed(widths)", "enumerate(widths)", "[3, 1, 2]",
         "zip(widths, range(depth))",
         "widths + [2]", "widths[1:]", "range(depth - 1)", "[[1, 2], [2, 2], [3, 1]]",
         "reversed(enumerate(widths))", "zip(widths, widths[1:])", "range(len(widths))",
         "[width, k, 3]", "enumerate([width, 2 * width])", "widths * 2", "range(0, depth, 1)",
         "enumerate(reversed(widths))", "[2, 4, 8][:k]")  # fmt: skip
# There, back, the number before the first turn, and the one after each.
PYRAMIDS = (("range(depth)", "reversed(range(depth))", "0", "i + 1"),
            ("range(3)", "reversed(range(3))", "0", "i + 1"),
            ("range(1, depth + 1)", "reversed(range(1, depth + 1))", "1", "i + 1"),
            ("range(depth - 1)", "reversed(range(depth - 1))", "0", "i + 1"),
            ("reversed(range(k))", "range(k)", "k", "i"),
            ("enumerate(widths)", "reversed(enumerate(widths))", "0", "i + 1"),
            ("reversed(enumerate(widths))", "enumerate(widths)", "len(widths)", "i"),
            ("range(depth)", "range(depth)", "0", "i + 1"))  # fmt: skip
HEIGHTS = ("width * 2 ** (AT)", "width + AT", "width * (AT + 1)", "k + 2 * (AT) + 1",
           "widths[0] + AT", "max(width, AT)", "2 ** (AT + 1) + AT",
           "width // (AT + 1) + 1")  # fmt: skip
REPEATED = ("range(depth)", "range(k)", "range(3)", "widths", "enumerate(widths)")
ACTS = ("relu", "tanh", "sigmoid", "silu", "act")
FUNCTION = "function wide(v: int) = if v > 3 { v // 2 + 2 } else { 2 * v }\n"
PLAIN = """block Plain(out: int, scale: float = 1.5) {
  input x: f32[N, D]
  output y: f32[N, out] = (x -> Linear(out)) * scale
}
"""
STAYS = """block Stays(times: int, up: bool = False) {
  input x: f32[N, D]
  h = x -> repeat(times) { Linear(D + 1) -> tanh -> Linear(D) }
  output y: f32[N, D] = if up { h + x } else { h -> Linear(D, bias=False) }
}
"""
CHAIN = "block Chain(out: int, act: op = relu) = Linear(out) -> act -> LayerNorm\n"
MIXES = """block Mixes(out: int) {
  input x: f32[N, D]
  if D == out { h = x } else { h = x -> Linear(out, bias=False) }
  for i in range(out - 1) { h = h + (h -> Linear(out)) }
  output y = h
}
"""
DEEPER = """block Deeper(level: int, out: int) {
  input x: f32[N, D]
  h = x -> Linear(out)
  if level > 0 { h = h -> Deeper(level - 1, out + 1) -> Linear(out) }
  output y: f32[N, out] = h
}
"""


class Texts:
    """Draws one text; `values` are the hyperparameters of the model."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.layers: list[str] = []
        self.lists: list[str] = []

    def spec(self) -> str:
        body = self.statements(self.random.randint(2, 5), 0, False)
        end = self.random.choice(["", " -> Linear(3)", " -> Linear(width)"])
        lines = "\n".join(f"  {line}" for line in body)
        head = ", ".join(f"{name}: {kind} = {text(value)}" for name, (kind, value) in {
            "depth": ("int", 2), "width": ("int", 4), "k": ("int", 2),
            "widths": ("list", (3, 4, 2)),
            "deep": ("bool", True), "mode": ("str", "a"), "p": ("float", 0.5),
        }.items())  # fmt: skip
        head += ", act: op = tanh"
        blocks = FUNCTION + PLAIN + STAYS + CHAIN + MIXES + DEEPER
        return (
            f"{blocks}model Net({head}) {{\n  input x: f32[N, 5]\n  h = x\n  c = 1\n"
            f"{lines}\n  output y = h{end}\n}}\n"
        )

    def check(self, inside: bool) -> str:
        return self.random.choice((*CHECKS, *IN_LOOPS * 2) if inside else CHECKS)

    def size(self, inside: bool) -> str:
        more = ("w", "w + i", "width + i", "2 ** i", "c", "c + width", "widths[i]") * 2
        return self.random.choice((*SIZES, *more) if inside else (*SIZES, "c", "c + 1"))

    def step(self, inside: bool) -> str:
        random, size = self.random, self.size(inside)
        return random.choice([
            f"Linear({size})", f"Linear({size}) -> {random.choice(ACTS)}", f"Plain({size})",
            f"Plain({size}, scale={random.choice(['p', '2.0', 'p / 2', '1 / k'])})",
            f"Stays({random.choice(['k', 'depth', '1', '0', size])}, "
            f"{random.choice(['deep', 'True', 'not deep', 'k > 1'])})",
            f"Chain({size}, {random.choice(ACTS)})", f"Chain({size})", f"Mixes({size})",
            f"Deeper({random.choice(['k', '1', 'depth'])}, {size})", "BatchNorm1d", "LayerNorm",
            f"Linear({size}, bias=deep)", "Dropout(p)",
            f"repeat({random.choice(['k', 'depth', 'k - 1', '3', size])}) "
            f"{{ Linear({self.size(False)}) -> {random.choice(ACTS)} }}",
            "repeat(depth) { Linear(width) -> repeat(k) { Linear(width) -> tanh } }",
            f"if {self.check(inside)} {{ Linear({size}) }} else {{ Linear({size}) -> tanh }}",
            f"if {self.check(inside)} {{ LayerNorm }} else {{ Identity }}",
        ])  # fmt: skip

    def statements(self, count: int, level: int, inside: bool) -> list[str]:
        return [line for _ in range(count) for line in self.statement(level, inside)]

    def statement(self, level: int, inside: bool) -> list[str]:
        random = self.random
        draw = random.random()
        if draw < 0.3 or level > 2:
            return [f"h = h -> {self.step(inside)}"]
        if draw < 0.5:
            return self.loop(level)
        if draw < 0.62:
            return self.branch(level, inside)
        if draw < 0.72:
            return self.shared(level, inside)
        if draw < 0.82:
            return self.lists_of(level, inside)
        if draw > 0.92:
            return random.choice((self.pyramid, self.conditional))()
        return random.choice([
            ["c = c + 1"], ["c = 2 * c"], [f"c = {self.size(inside)}"], ["c = max(c, width)"],
            [f"h = h + (h -> Linear(h.shape[1]) -> {random.choice(ACTS)})"],
            [f"h = cat([h, h -> {self.step(inside)}], 1)"],
            [f"c = if {self.check(inside)} {{ c + 2 }} else {{ 3 }}"],
            [f"h = if {self.check(inside)} {{ h }} else {{ h -> {self.step(inside)} }}"],
            [f"g = h -> {self.step(inside)}", "h = cat([g, h], 1)"],
            ["h = h * c"], ["h = h * p + c"], ["h, g = chunk(cat([h, h], 1), 2, 1)"],
            [f"weight s{self.next()}: f32[h.shape[1]] = 0.5", f"h = h * s{self.count}"],
        ])  # fmt: skip

    def next(self) -> int:
        self.count += 1
        return self.count

    def loop(self, level: int) -> list[str]:
        over = self.random.choice(LOOPS)
        pairs = over.startswith(("enumerate", "zip", "[[", "reversed(enumerate"))
        targets = ["i, w"] if pairs else ["i"] if "range" in over else ["w", "i"]
        body = self.statements(self.random.randint(1, 3), level + 1, True)
        first = [] if pairs else ["w = width"] if "range" in over else ["w = 2", "i = 1"]
        target = self.random.choice(targets)
        first = [line for line in first if line.split(" ")[0] != target]
        return [*first, f"for {target} in {over} {{", *(f"  {line}" for line in body), "}"]

    def pyramid(self) -> list[str]:
        """Sizes that the number of a turn tells, there and often back, or nearly so."""
        random, name = self.random, f"p{self.next()}"
        there, back, first, then = random.choice(PYRAMIDS)
        height = random.choice(HEIGHTS)
        start = random.choice((first, first, first, "1"))
        target = "i, w" if "enumerate" in there else "i"

        def at(number: str) -> str:
            return f"Linear({height.replace('AT', number)})"

        also = random.choice(([], [], [f"  h = h -> {self.step(True)}"], self.changed()))
        body = [f"  {name}.append(h)", *also, f"  h = h -> {at(then)} -> {random.choice(ACTS)}"]
        random.shuffle(body)
        found = [f"h = h -> {at(start)}", f"{name} = []", f"for {target} in {there} {{", *body, "}"]
        goes = at("i" if then == "i + 1" else "i + 1")
        if random.random() < 0.7:
            more = [f"  h = h + ({name}.pop() -> {goes})"]
            also = random.choice(([], [], ["  h = tanh(h)"], more))
            found += [f"for {target} in {back} {{", *also,
                      f"  h = cat([h, {name}.pop()], 1) -> {goes}", "}"]  # fmt: skip
        return [*found, *random.choice(([], [f"h = h -> {self.step(False)}"]))]

    def changed(self) -> list[str]:
        """What a condition of a turn changes."""
        random = self.random
        what = random.choice((["c = c + width"], ["c = 2 * c"], ["h = h -> Linear(h.shape[1] + 1)"],
                              ["h = h -> Linear(c + 1)", "c = c + 1"]))  # fmt: skip
        found = [f"  if {random.choice(IN_COUNTED)} {{", *(f"    {each}" for each in what)]
        if random.random() < 0.3:
            found += ["  } else {", f"    {random.choice(('c = width', 'h = h -> LayerNorm'))}"]
        return [*found, "  }"]

    def conditional(self) -> list[str]:
        """A loop with a number or size that a condition changes, and an inner loop that goes on."""
        random = self.random
        over = random.choice(("range(depth)", "range(3)", "range(k)", "reversed(range(depth))"))
        inner = random.choice((
            ["  for j in range(k) {", "    h = h -> Linear(h.shape[1] + 1)", "  }"],
            ["  for j in range(2) {", "    h = h -> Linear(width)", "  }"],
            ["  h = h -> Linear(c)"], [],
        ))  # fmt: skip
        return [f"for i in {over} {{", *self.changed(), *inner, *self.changed(), "}"]

    def branch(self, level: int, inside: bool) -> list[str]:
        def body() -> list[str]:
            return [f"  {x}" for x in self.statements(self.random.randint(1, 2), level + 1, inside)]

        found = [f"if {self.check(inside)} {{", *body(), "}"]
        if self.random.random() < 0.6:
            found[-1:] = ["} else {", *body(), "}"]
        return found

    def shared(self, level: int, inside: bool) -> list[str]:
        name, square = f"f{self.next()}", self.random.random() < 0.6
        made = "Linear(h.shape[1])" if square else self.step(inside)
        over = self.random.choice(("range(depth)", "range(k)", "range(3)", "widths"))
        uses = [
            [f"h = h -> {name}"], [f"h = h + {name}(h)", f"h = {name}(tanh(h))"],
            [f"for i in {over} {{", f"  h = tanh({name}(h))", "}"],
            [f"for i in {over} {{", f"  h = {name}(h) + (h -> Linear(h.shape[1]))", "}"],
            [f"if {self.check(inside)} {{", f"  h = {name}(h)", "}"],
            [f"h = {name}(h)", f"h = if {self.check(inside)} {{ {name}(h) }} else {{ h }}"],
        ]  # fmt: skip
        return [f"layer {name} = {made}", *self.random.choice(uses)]

    def lists_of(self, level: int, inside: bool) -> list[str]:
        name, random = f"l{self.next()}", self.random
        over = random.choice(REPEATED)
        target = "_, w" if "enum" in over else "w"
        out = random.choice(("width", "h.shape[1]", "w", "width + w"))
        fill = [f"for {target} in {over} {{", *random.choice([
            [f"  h = h -> Linear({out})", f"  {name}.append(h)"],
            [f"  {name}.append(h)", f"  h = h -> Linear({out}) -> tanh"],
            [f"  {name}.append(h -> Linear({out}))"],
            [f"  if {self.check(False)} {{", f"    {name}.append(h -> Linear({out}))", "  } else {",
             f"    {name}.append(h)", "  }"],
        ]), "}"]  # fmt: skip
        use = random.choice([
            [f"h = cat({name}, 1)"], [f"h = stack({name}, 1) -> mean(1)"], [f"h = {name}.pop()"],
            [f"for {target} in reversed({over}) {{",
             f"  h = cat([h, {name}.pop()], 1) -> Linear(width)", "}"],
            [f"for {target} in {over} {{", f"  h = h + ({name}.pop() -> Linear(h.shape[1]))", "}"],
            [f"h = cat([{name}.pop(), h], 1)"],
        ])  # fmt: skip
        return [random.choice([f"{name} = []", f"{name} = [h]", f"{name} = []"]), *fill, *use]

    def values(self) -> dict[str, Any]:
        """Hyperparameters at random."""
        random = self.random
        every: dict[str, Any] = {
            "depth": random.choice([0, 1, 1, 2, 3, 4]), "width": random.choice([1, 2, 3, 4, 6]),
            "k": random.choice([0, 1, 2, 3]), "deep": random.random() < 0.5,
            "widths": tuple(random.choice([1, 2, 3, 4, 5]) for _ in range(random.randint(1, 4))),
            "mode": random.choice("abc"), "p": random.choice([0.0, 0.1, 0.5, 0.9]),
        }  # fmt: skip
        return {name: value for name, value in every.items() if random.random() < 0.6}


def text(value: Any) -> str:
    """A value as a spec writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
