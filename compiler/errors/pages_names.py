"""Pages of D03.. (names and arguments) and D08.. (not in this version, and Python's)."""

from __future__ import annotations

from .page import LINE, learned, linear, page

EXTERN = """extern Head(width: int) = python("package.module:Head") {
  input x: f32[N, 1]
  output y: f32[N, width]
}

"""
COUNTED = "\nexpect { parameters(Line) < 100 }\n"

PAGES = (
    page(
        "D0301",
        "Unknown name",
        """Nothing has this name here. Layers are written as in `torch.nn` (`Conv2d`), functions
        as in torch (`relu`). A value must be bound above the place where it is used, and the
        names inside a model are its own.""",
        linear("x -> Lineer(4)"),
        ("Lineer", "Linear"),
    ),
    page(
        "D0302",
        "Declared twice",
        """Models, blocks, data and params of a file have different names; so have the fields of a
        data block and the keys of a train block.""",
        f"{LINE}\n{LINE}".replace("model Line", "model Curve", 1).replace("Curve", "Line"),
        (f"{LINE}\n{LINE}", LINE),
    ),
    page(
        "D0303",
        "A word of the language as a name",
        """`input`, `output`, `layer`, `weight`, `buffer`, `require` and `repeat` have a meaning of
        their own in models and blocks.""",
        linear("x -> Linear(repeat)").replace("Net {", "Net(repeat: int = 4) {"),
        ("repeat", "times"),
    ),
    page(
        "D0304",
        "Unknown argument",
        """Arguments have PyTorch's names. The note lists what this one takes; what the input's
        type tells (`in_features`) may be left out.""",
        linear("x -> Linear(4, biass=False)"),
        ("biass", "bias"),
    ),
    page(
        "D0305",
        "Too many arguments",
        """Positional arguments fill the parameters in their order. Sizes of the input are not
        among them: PyTorch's `Conv2d(3, 32, 5)` is `Conv2d(32, 5)` here.""",
        linear("x -> Dropout(0.5, True) -> Linear(4)"),
        (", True", ""),
    ),
    page(
        "D0306",
        "An argument given twice",
        """A positional argument has given this parameter its value already.""",
        linear("x -> Linear(4, out_features=4)"),
        (", out_features=4", ""),
    ),
    page(
        "D0307",
        "An argument is missing",
        """This parameter has no default, so it must be written. `dlc explain` with the layer's
        name shows all parameters.""",
        linear("x -> Linear()"),
        ("Linear()", "Linear(4)"),
    ),
    page(
        "D0308",
        "An argument of the wrong kind",
        """The message tells what is taken and what stands there. A frequent cause is a size of
        the input written first, as PyTorch wants it: `Linear(784, 128)` is `Linear(128)` here.""",
        linear("x -> Dropout(50) -> Linear(4)"),
        ("Dropout(50)", "Dropout(0.5)"),
    ),
    page(
        "D0309",
        "Arithmetic without a result",
        """Compile-time arithmetic is exact on whole numbers and Python's otherwise. Division by
        zero, numbers beyond 2**63 and operators that values do not have are refused.""",
        "param width = 8 / 0\n\n" + LINE,
        ("8 / 0", "8 / 2"),
    ),
    page(
        "D0310",
        "Not known at compile time",
        """Here stands a value that must be known before anything runs: a number, a string, True,
        False, None, a list of these, or a `param`.""",
        learned("epochs = 100", "epochs = many"),
        ("many", "100"),
    ),
    page(
        "D0311",
        "An operator behind an arrow",
        """`->` binds loosest, so `x -> A + y` would be `x -> (A + y)`. Put the chain into
        brackets.""",
        linear("x -> Linear(4) + x"),
        ("x -> Linear(4) + x", "(x -> Linear(4)) + x"),
    ),
    page(
        "D0312",
        "A layer that gets no input",
        """`Linear(4)` is a layer; it becomes a tensor when something flows into it. To use one
        layer at several places, declare it: `layer shared = Linear(4)`.""",
        linear("Linear(4)"),
        ("= Linear", "= x -> Linear"),
    ),
    page(
        "D0313",
        "Nothing that can be called",
        """Behind an arrow stands a layer, a function or a block, with or without brackets.""",
        linear("x -> Linear(4) -> 3"),
        (" -> 3", " -> relu"),
    ),
    page(
        "D0314",
        "Too few or too many inputs",
        """Several tensors flow together as `(a, b) -> Block`, and each layer takes a certain
        number of them.""",
        linear("(x, x) -> Linear(4)"),
        ("(x, x)", "x"),
    ),
    page(
        "D0315",
        "A name that Python needs",
        """Hyperparameters and sizes become arguments of the emitted class, where a few names have
        a meaning of their own.""",
        linear("x -> Linear(self) -> relu -> Linear(4)").replace("Net {", "Net(self: int = 8) {"),
        ("self", "width"),
    ),
    page(
        "D0316",
        "A model's hyperparameter without a default",
        """A model is checked and compiled with its defaults, so each of its hyperparameters has
        one. Blocks get theirs where they are used.""",
        linear("x -> Linear(width) -> relu -> Linear(4)").replace("Net {", "Net(width: int) {"),
        ("width: int", "width: int = 64"),
    ),
    page(
        "D0801",
        "A size that only a caller knows",
        """Where a block cannot be one class for all of its uses, each use has a class of its own,
        and its `forward` reads sizes off what flows in. A size of the caller's that no axis tells
        has to be handed over: as a hyperparameter. `dlc compile` and `dlc run` say so, `dlc check`
        does not.""",
        "block Rows {\n",
        ("Rows", "Rows(count: int)"),
    ),
    page(
        "D0802",
        "A module that nobody allowed",
        """A spec runs no code of its own: what `extern` and the source `python` name is Python of
        somebody's, and it runs only where the person at the keyboard says so. `dlc compile` and
        `dlc run` take `--allow package.module`, as often as needed; `--allow package` allows all
        that is below it. What was compiled imports the module as any Python does. Checking never
        imports it. A spec whose file is called like the module would hide it.""",
        "dlc run spec.dl\n",
        ("spec.dl", "spec.dl --allow package.module"),
    ),
    page(
        "D0803",
        "What only Python knows",
        """The checker never imports what `extern` names, so nobody has counted its parameters
        before the model is built.""",
        EXTERN + LINE.replace("x -> Linear(1)", "x -> Head(1)") + COUNTED,
        (COUNTED, ""),
    ),
)
