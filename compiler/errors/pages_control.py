"""Pages of what is decided when a network is built, and of what comes from other files."""

from __future__ import annotations

from .page import linear, page

FLAT = ("f32[N, 16]", "f32[N, 8]")
STEPS = ("f32[N, T, 16]", "f32[N, 16]")


def body(*lines: str, types: tuple[str, str] = FLAT, head: str = "Net") -> str:
    """A model from `x` whose last line is its output `y`."""
    *before, last = lines
    text = "".join(f"  {line}\n" for line in before)
    return f"model {head} {{\n  input x: {types[0]}\n{text}  output y: {types[1]} = {last}\n}}\n"


EXTERN = """extern Head(width: int) = python("package.module:Head") {
  input x: f32[N, 16]
  output y: f32[N, width]
}

"""

PAGES = (
    page(
        "D0120",
        "Nothing has this behind a dot",
        """With a dot there are `x.shape`, `x.T` and `x.mT`, the parameters of a declared layer
        (`words.weight`), and `append` and `pop` of a list. Everything else that PyTorch writes as
        a method flows: `x -> flatten(1)`, `x -> to(f32)`.""",
        linear("x.flatten(1) -> Linear(8)", ("f32[N, 4, 4]", "f32[N, 8]")),
        ("x.flatten(1)", "x -> flatten(1)"),
    ),
    page(
        "D0121",
        "This cannot be repeated",
        """`-> repeat(3) { Linear(16) -> relu }` sends one tensor through the braces so many times,
        through new layers each time. How often is a whole number, 0 or above, known when the
        network is built; `repeat(0)` changes nothing. Several tensors are carried by a `for`.""",
        linear("x -> repeat { Linear(16) -> relu } -> Linear(8)", FLAT),
        ("repeat {", "repeat(3) {"),
    ),
    page(
        "D0122",
        "A loop goes over a list",
        """`for` takes the entries of a list one by one: `range(4)` is the numbers 0 to 3,
        `enumerate(widths)` pairs of a number and an entry.""",
        body("for i in 4 { x = x -> Linear(16) -> relu }", "x -> Linear(8)"),
        ("in 4", "in range(4)"),
    ),
    page(
        "D0123",
        "This is not known when the network is built",
        """`if` decides which layers there are, so it must be known when the model is built: it may
        depend on hyperparameters and on sizes that are numbers. Sizes that are names are open until
        data come, and a tensor has another value in each batch. Between two tensors one chooses
        element by element: `where(x > 0, a, b)`.""",
        body("h = x -> Linear(8)", "if h > 0 { h } else { 0.1 * h }"),
        ("if h > 0 { h } else { 0.1 * h }", "where(h > 0, h, 0.1 * h)"),
    ),
    page(
        "D0124",
        "A name without a value",
        """A name that is bound inside an `if` or a loop has a value behind it only where that was
        gone through. It was not: the condition does not hold, or the list is empty.""",
        body(
            "if wide { h = x -> Linear(64) -> relu }",
            "h -> Linear(8)",
            head="Net(wide: bool = False)",
        ),
        ("  if wide", "  h = x\n  if wide"),
    ),
    page(
        "D0125",
        "A list is used as none, or has nothing left",
        """A list begins with `skips = []`, takes one value at its end by `skips.append(h)` and
        gives the last one back by `skips.pop()`. Both are decided when the network is built, so
        popping more often than was appended is seen here. Two lists are joined by `a + b`.""",
        body("parts = x", "parts.append(x)", "cat(parts, 1) -> Linear(8)"),
        ("parts = x", "parts = [x]"),
    ),
    page(
        "D0126",
        "Too many layers",
        """A network of more than 100,000 layers, or with more than 200,000 turns of loops, is
        refused before it is built: each layer would be a line of code.""",
        body(
            "for i in range(1000) { x = x -> repeat(1000) { Linear(16) -> relu } }",
            "x -> Linear(8)",
        ),
        ("range(1000)", "range(2)"),
        ("repeat(1000)", "repeat(3)"),
    ),
    page(
        "D0127",
        "Blocks within blocks without an end",
        """A block may use itself with other hyperparameters, and an `if` on them ends it. Here it
        does not end within 50 blocks: the value that would end it is never met.""",
        """block Tower(depth: int) {
  input x: f32[N, D]
  output y = if depth == 0 { x } else { x -> Linear(16) -> relu -> Tower(depth - 2) }
}

"""
        + linear("x -> Tower(3) -> Linear(8)", FLAT),
        ("depth == 0", "depth <= 0"),
    ),
    page(
        "D0128",
        "A weight or buffer that cannot be made",
        """A `weight` is there before any data: it has sizes known when the model is built, is of
        floats, and starts from a number, a tensor of that shape, or an initializer of torch. A
        `buffer` is computed from sizes and constants; its sizes may be open.""",
        body("weight scale: f32[16] = ones(8)", "(x * scale) -> Linear(8)"),
        ("ones(8)", "ones(16)"),
    ),
    page(
        "D0129",
        "A parameter that a layer has not",
        """Parameters of a declared layer are read by torch's names: `words.weight`, `body.bias`.
        Their sizes are known once something has flowed into the layer, so it is used above.""",
        body("layer head = Linear(16)", "h = x -> head", "h @ head.weights.T -> Linear(8)"),
        ("head.weights", "head.weight"),
    ),
    page(
        "D0130",
        "A loop at run time cannot do this",
        """How often a `for` over an open size turns is known when data come, so it is a loop of the
        emitted code. Each turn takes and gives the same types, its layers are declared before it,
        and a list that is empty before the loop takes one value each turn.""",
        body(
            "h = x[:, 0]",
            "for t in range(T) { h = x[:, t] + h -> Linear(16) -> tanh }",
            "h",
            types=STEPS,
        ),
        ("  for", "  layer step = Linear(16)\n  for"),
        ("x[:, t] + h -> Linear(16)", "x[:, t] + h -> step"),
    ),
    page(
        "D0131",
        "This cannot be computed when the network is built",
        """`function` and `len`, `range`, `min` and so on compute with numbers, texts and lists
        before the network exists. A function that calls itself needs an `if` that ends it; of a
        tensor only the sizes are known.""",
        body("total = x -> Linear(8)", "total * len(x)"),
        ("len(x)", "x.shape[1]"),
    ),
    page(
        "D0132",
        "An input or output where none can stand",
        """Inputs and outputs are what every use of a model or block has, so they are declared in
        the body itself, not in a branch or a loop; what an output is bound to may depend on one.
        Inputs that may be left out stand behind those that may not.""",
        body(
            "if wide { output z = x -> Linear(4) }", "x -> Linear(8)", head="Net(wide: bool = True)"
        ),
        ("  if wide { output z = x -> Linear(4) }", "  output z = x -> Linear(4)"),
        ("(wide: bool = True)", ""),
    ),
    page(
        "D0133",
        "What comes from Python is not said",
        """`extern` declares a module of Python's: where it is, and the types of its inputs and
        outputs. Its body is Python's, so the braces hold nothing else.""",
        EXTERN.replace('python("package.module:Head")', "package.Head")
        + linear("x -> Head(8)", FLAT),
        ("package.Head", 'python("package.module:Head")'),
    ),
    page(
        "D0134",
        "This cannot be imported",
        """`from "blocks.dl" import Residual` takes blocks, models, functions and params of another
        spec, which lies in the folder of this one or below it. Two files cannot import each
        other.""",
        'from "../blocks.dl" import Residual\n\n'
        + linear("x -> Residual(3)", ("f32[N, 3, 8, 8]", "f32[N, 3, 8, 8]")),
        ("../blocks.dl", "blocks.dl"),
    ),
    page(
        "D0135",
        "How many axes there are is open",
        """`[..., D]` is any number of leading axes. A block takes it from each use; a model has no
        caller that could tell, so its axes are named.""",
        linear("x -> Linear(8)", ("f32[..., 16]", "f32[N, 8]")).replace(": f32[N, 8]", ""),
        ("f32[..., 16]", "f32[N, 16]"),
    ),
    page(
        "D0230",
        "A shared layer would need other weights",
        """A layer declared by `layer` has one set of weights, whose sizes are those of what flows
        in first. Whatever flows in later has the same size there.""",
        body("layer dense = Linear(32)", "x -> dense -> relu -> dense -> Linear(8)"),
        ("-> relu -> dense", "-> relu -> Linear(16) -> tanh -> dense"),
    ),
)
