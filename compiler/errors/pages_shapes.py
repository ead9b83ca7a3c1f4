"""Pages of D02..: types and shapes."""

from __future__ import annotations

from .page import LINE, linear, page

IMAGE = ("f32[N, 1, 28, 28]", "f32[N, 10]")

PAGES = (
    page(
        "D0201",
        "A layer cannot take what comes",
        """Each layer asks for a certain number of axes and certain sizes. The message tells what
        comes, what the layer wants, and shows the size on its way from the input to here; the
        arithmetic of the axis stands in a note. The first axis is the batch, `N`. A layer of the
        last axis (`Linear`) behind a layer of pictures needs `flatten(1)` between them.""",
        linear("x -> Conv2d(8, 3) -> Linear(10)", IMAGE),
        ("-> Linear(10)", "-> flatten(1) -> Linear(10)"),
    ),
    page(
        "D0202",
        "Numbers of the wrong kind",
        """Weights and most functions compute with floats, `f32`; `token` and `class` are indices,
        and so are whole numbers. `Embedding` turns an index into a row of floats.""",
        linear("x -> Linear(2)", ("token(1000)[N, 20]", "f32[N, 20, 2]")),
        ("x -> Linear", "x -> Embedding(16) -> Linear"),
    ),
    page(
        "D0203",
        "Softmax over a single unit",
        """Softmax gives shares that sum to 1. Over one unit the share is always 1, whatever the
        unit says, and nothing can be learned. One unit goes with `sigmoid`; two classes with
        softmax need two units.""",
        linear("x -> Linear(1) -> softmax(-1)", ("f32[N, 4]", "f32[N, 1]")),
        ("softmax(-1)", "sigmoid"),
    ),
    page(
        "D0204",
        "A stated size is not the real one",
        """Sizes of the input are read off its type, so they can be left out. Where one is stated,
        as `in_features=9216`, it is an assertion, and this one does not hold.""",
        linear("x -> Linear(8, in_features=5)", ("f32[N, 4]", "f32[N, 8]")),
        (", in_features=5", ""),
    ),
    page(
        "D0205",
        "A weight would have an open size",
        """A weight has the size of what flows in, and that must be known when the model is built.
        Here it depends on a size that only the data tells. Write the sizes of the input as
        numbers, or bring every picture to one size before the weights: `AdaptiveAvgPool2d(1)`.""",
        linear("x -> flatten(1) -> Linear(10)", ("f32[N, 3, H, W]", "f32[N, 10]")),
        ("-> flatten", "-> AdaptiveAvgPool2d(1) -> flatten"),
    ),
    page(
        "D0206",
        "Nothing would be left",
        """The size of an axis would be 0 or less for every input. Sizes are 1 at least.""",
        linear("x -> Linear(1 - S)", ("f32[N, S, 4]", "f32[N, S, 1]")).replace(
            "y: f32[N, S, 1]", "y"
        ),
        ("1 - S", "1"),
    ),
    page(
        "D0207",
        "An output is not what it is declared to be",
        """Where a type is stated the value must have it: dtype, number of axes and every size.
        The labels show where its sizes came from.""",
        linear("x -> Linear(2)", ("f32[N, 4]", "f32[N, 3]")),
        ("Linear(2)", "Linear(3)"),
    ),
    page(
        "D0208",
        "These two do not go together",
        """Tensors are combined element by element; an axis of size 1 is repeated, as in PyTorch.
        Two things are refused: sizes that differ, and tensors that would both grow, so that every
        record would meet every other one (`[N, 1]` with `[N]`).""",
        """model Gap {
  input a: f32[N, 1]
  input b: f32[N]
  output y = a - b
}
""",
        ("b: f32[N]", "b: f32[N, 1]"),
    ),
    page(
        "D0209",
        "A block takes something else",
        """What flows into a block must have the type that the block's `input` declares. Names of
        sizes there stand for any size, but the number of axes is fixed, and a name that stands
        twice is one size.""",
        """block Half(out: int) {
  input x: f32[N, C, H, W]
  output y = x -> Conv2d(out, 3, stride=2)
}

model Net {
  input x: f32[N, 784]
  output y = x -> Half(8)
}
""",
        ("f32[N, 784]", "f32[N, 1, 28, 28]"),
    ),
    page(
        "D0210",
        "No input, or no output",
        """A model or block takes one tensor at least and gives one at least, both declared.""",
        LINE.replace("output y_hat: f32[N, 1]", "y_hat"),
        ("  y_hat", "  output y_hat: f32[N, 1]"),
    ),
    page(
        "D0211",
        "An output without a value",
        """An output may be declared first and bound later, under the same name; nowhere is this
        one bound.""",
        """model Net {
  input x: f32[N, 4]
  output y: f32[N, 1]

  h = x -> Linear(1)
}
""",
        ("  h =", "  y ="),
    ),
    page(
        "D0212",
        "Labels that tell nothing apart",
        """`class` takes the labels as strings, two different ones at least, or their number.""",
        'data pets {\n  label: class("cat") = ["cat"]\n}\n',
        ('("cat")', '("cat", "dog")'),
    ),
    page(
        "D0213",
        "How many there are",
        """`class(10)` is one of ten labels, `token(1000)` an index below 1000. Without the number
        neither the last layer nor the embedding knows its size.""",
        "data pets {\n  label: class = [0, 1]\n}\n",
        ("label: class", "label: class(2)"),
    ),
    page(
        "D0214",
        "No size",
        """In a type stand sizes: whole numbers above 0, names, and integer arithmetic on them.""",
        linear("x -> Linear(4)", ("f32[N, 0]", "f32[N, 4]")),
        ("f32[N, 0]", "f32[N, 8]"),
    ),
    page(
        "D0215",
        "A number where a tensor is wanted",
        """Layers take what flows: an input, or what was computed from one. Hyperparameters, sizes
        and literals are known when the network is built; they are settings of layers.""",
        """model Net(width: int = 8) {
  input x: f32[N, 4]
  output y: f32[N, 4] = width -> Linear(4)
}
""",
        ("width -> Linear(4)", "x -> Linear(width) -> relu -> Linear(4)"),
    ),
    page(
        "D0216",
        "A tensor where a number is wanted",
        """Settings of layers are fixed when the network is built. A tensor has no value yet then;
        only its sizes are known.""",
        linear("x -> Linear(x)"),
        ("Linear(x)", "Linear(4)"),
    ),
    page(
        "D0217",
        "A block inside itself, without end",
        """A block may use itself only where that comes to an end.""",
        """block Again(out: int) {
  input x: f32[N, C]
  output y = x -> Again(out)
}

model Net {
  input x: f32[N, 4]
  output y: f32[N, 4] = x -> Again(4)
}
""",
        ("x -> Again(out)", "x -> Linear(out)"),
    ),
    page(
        "D0218",
        "What a block requires is not met",
        """`require` states what a caller must meet; the message is the block's own. Here is the
        place where it stands, and the block that asks for it.""",
        """block Heads(width: int, heads: int = 4) {
  input x: f32[N, width]
  require width % heads == 0, "heads must divide the width"
  output y = x -> Linear(width)
}

model Net {
  input x: f32[N, 10]
  output y: f32[N, 10] = x -> Heads(10)
}
""",
        ("Heads(10)", "Heads(10, heads=5)"),
    ),
    page(
        "D0219",
        "Too many layers",
        """Blocks are counted as if they were written out, before anything is built: blocks that
        use each other multiply quickly.""",
        """block A = tanh -> relu -> tanh -> relu -> tanh -> relu -> tanh -> relu -> tanh -> relu

block B = A -> A -> A -> A -> A -> A -> A -> A -> A -> A

block C = B -> B -> B -> B -> B -> B -> B -> B -> B -> B

block D = C -> C -> C -> C -> C -> C -> C -> C -> C -> C

block E = D -> D -> D -> D -> D -> D -> D -> D -> D -> D

model Net {
  input x: f32[N, 4]
  output y: f32[N, 4] = x -> E
}
""",
        ("D -> D -> D -> D -> D -> D -> D -> D -> D -> D", "B"),
    ),
    page(
        "D0220",
        "Too many named sizes",
        """A name stands for a size that is open until data arrives. What must hold of open sizes
        is worked out by the checker, and that has a limit.""",
        "input x: f32[N, S1, S2, S3, …, S1001]\n",
        ("S1, S2, S3, …, S1001", "64"),
    ),
    page(
        "D0221",
        "Blocks nested too deeply",
        """Blocks may use blocks, but not without measure.""",
        "block B51 = B50 -> Linear(8)\n",
        ("B50", "relu"),
    ),
    page(
        "D0222",
        "Sizes that multiply to more than 2**63",
        """torch counts elements, weights and operations with 64 bits. A network that needs more
        cannot be built on any machine: most often one size is mistyped.""",
        linear("x -> Linear(10**12) -> relu -> Linear(10**12) -> relu -> Linear(4)"),
        ("10**12", "10**3"),
    ),
    page(
        "D0232",
        "Conditions that no size meets",
        """What layers ask of an open size is put together: `H` a multiple of 8 here and at least 9
        there is a multiple of 8 from 16 on. Where nothing is left, the network can never run.""",
        "model Net {\n  input x: f32[N, T]\n  a = x -> reshape(N, 4, 6) -> mean(2)\n"
        "  output y = (x -> reshape(N, 4, 5) -> mean(2)) + a\n}\n",
        ("4, 5", "4, 6"),
    ),
)
