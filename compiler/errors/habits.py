"""What people write who come from other languages, and how it is written here."""

from __future__ import annotations

from collections.abc import Iterator

DECLARATIONS = ["param", "function", "data", "block", "model", "extern", "train", "predict"]
DECLARATIONS += ["expect", "sweep", "from"]
STATEMENTS = ["input", "output", "layer", "weight", "buffer", "require", "for", "if"]

HABITS = {
    "def": "a network is written `model NAME { … }`, a part of one `block NAME(…) { … }`",
    "class": "a network is written `model NAME { … }`, a part of one `block NAME(…) { … }`",
    "return": "what a model gives is declared: `output y: f32[N, 1] = …`",
    "lambda": "a compile-time function is declared: `function double(v) = 2 * v`",
    "while": "loops are `for i in range(n) { … }` and `x -> repeat(n) { … }`",
    "elif": "write `else if`",
    "let": "a binding needs no keyword: `x = …`",
    "const": "a binding needs no keyword: `x = …`",
    "var": "a binding needs no keyword: `x = …`",
    "import": 'another file is used by `from "blocks.dl" import Residual`',
    "assert": 'what must hold is written `require D % heads == 0, "why"`',
    "with": "what is trained stands apart from the model: `train NAME on DATA { … }`",
}

# Layers by the names that Keras has for them.
LAYERS = {
    "Activation": "relu",
    "Add": "a + b",
    "BatchNormalization": "BatchNorm2d",
    "Concatenate": "cat([a, b], 1)",
    "Conv1D": "Conv1d",
    "Conv2D": "Conv2d",
    "Conv2DTranspose": "ConvTranspose2d",
    "Dense": "Linear",
    "GlobalAveragePooling2D": "AdaptiveAvgPool2d(1) -> flatten(1)",
    "GlobalMaxPooling2D": "AdaptiveMaxPool2d(1) -> flatten(1)",
    "LayerNormalization": "LayerNorm",
    "MaxPooling2D": "MaxPool2d",
    "AveragePooling2D": "AvgPool2d",
    "Reshape": "reshape",
    "Sequential": "x -> Linear(10) -> relu",
    "UpSampling2D": "Upsample",
    "ZeroPadding2D": "ZeroPad2d",
}
# Arguments by the names of Keras, beside one that the layer has.
ARGUMENTS = {
    ("activation", "bias"): "let it flow on: `-> relu` behind the layer",
    ("filters", "out_channels"): "write `out_channels`",
    ("inplace", "p"): "leave it out: what is done in place is not the spec's concern",
    ("input_dim", "in_features"): "leave it out: it is read off what flows in",
    ("input_shape", "bias"): "leave it out: it is read off what flows in",
    ("kernel", "kernel_size"): "write `kernel_size`",
    ("pool_size", "kernel_size"): "write `kernel_size`",
    ("rate", "p"): "write `p`",
    ("strides", "stride"): "write `stride`",
    ("units", "out_features"): "write `out_features`",
    ("use_bias", "bias"): "write `bias`",
}
LIBRARIES = (
    "torch.nn.functional.",
    "torch.nn.",
    "torch.",
    "nn.",
    "F.",
    "tf.keras.layers.",
    "layers.",
)


def without_library(text: str) -> str:
    """`nn.Linear(10)` as it is written here; "" for other text."""
    found = next((each for each in LIBRARIES if text.startswith(each)), "")
    return text[len(found) :] if found else ""


def foreign(words: list[str], expected: set[str]) -> str | None:
    """The keyword of another language among the last words, if it explains what is wrong.

    The last word cannot stand where it stands; those before it were taken for names.
    """
    *before, found = words
    if found in HABITS:
        return found
    if before and before[-1] in HABITS and "EQUAL" in expected:
        return before[-1]
    return "lambda" if "lambda" in before else None


def hints(text: str, kind: str, expected: set[str], before: tuple[str, ...]) -> Iterator[str]:
    """What to type instead of `text`; `before` are the two words before it, at most."""
    last = before[-1] if before else ""
    binding = "EQUAL" in expected and "COMMA" in expected and "RPAR" not in expected
    if last == "from" and expected == {"STRING"}:
        yield 'a file stands in quotes: `from "blocks.dl" import Residual`'
        yield 'Python comes in by `extern NAME() = python("package.module:Callable") { … }`'
    elif text == "{" and "ON" in expected and "NAME" not in expected:
        yield "name the data: `train MODEL on DATA { … }`"
    elif before[-2:] == ("train", "on"):
        yield "name the model that is trained: `train MODEL on DATA { … }`"
    elif last == ":" and "NAME" in expected and "NUMBER" not in expected:
        yield "a type is written `f32[N, 4]`, `class(10)`, `int`, …"
    elif "MODEL" in expected and "NAME" not in expected:
        yield from _at_the_top(text)
    elif text in ("//", "/") and "NUMBER" not in expected and not binding:
        yield "a comment starts with `#`"
    elif binding:
        yield from _at_a_binding(text, kind, last)
    elif "NUMBER" in expected:
        yield from _at_a_value(text, last, before)
    elif "RBRACE" in expected:
        yield from _at_an_entry(text, kind, expected)
    else:
        yield from _at_a_sign(text, kind, expected, last)


def _at_the_top(text: str) -> Iterator[str]:
    if text in STATEMENTS:
        yield "statements stand inside a model or block: `model NAME { … }`"
    elif text in ("step", "copy"):
        yield f"`{text}` stands inside training: `train MODEL on DATA {{ {text} … }}`"
    elif word := _close(text, DECLARATIONS):
        yield f"did you mean `{word}`?"
    elif text in ("//", "/") or text.startswith('"'):
        yield "a comment starts with `#`"
    elif text == "}":
        yield "remove it, or write the `{` that it closes"
    elif text == ",":
        yield "line breaks separate declarations: leave the `,` out"
    elif text == "->":
        yield "put the chain into brackets: `(x -> A)`"


def _at_a_binding(text: str, kind: str, last: str) -> Iterator[str]:
    if text == "->":
        yield f"a statement gives its value a name: `h = {last} -> …`"
    elif text in ("(", "["):
        closing = {"(": ")", "[": "]"}[text]
        yield f"a statement gives its value a name: `h = {last}{text}…{closing}`"
    elif text in ("+", "-", "*", "/", "//", "@", "**"):
        yield f"write it out: `{last} = {last} {text} …`"
    elif text == "==":
        yield f"a binding has one `=`: `{last} = …`"
    elif text == ":":
        yield f"a type stands with `input`, `output`, `weight` or `buffer`: `input {last}: …`"
    elif kind == "NAME" and (word := _close(last, STATEMENTS)):
        yield f"did you mean `{word}`?"


def _at_a_value(text: str, last: str, before: tuple[str, ...]) -> Iterator[str]:
    if text in (">", "=") and last == "=":
        yield "data flows along `->`" if text == ">" else "a value is given with one `=`"
    elif text == "=" and last in ("+", "-", "*", "/", "//", "@", "**") and len(before) > 1:
        yield f"write it out: `{before[0]} = {before[0]} {last} …`"
    elif text in ("*", "**"):
        yield "arguments are written out one by one"
    elif text == "{":
        yield "lists are written `[a, b]`, named values `f(a=1, b=2)`"


def _at_an_entry(text: str, kind: str, expected: set[str]) -> Iterator[str]:
    if text == ",":
        yield "line breaks end statements: leave the `,` out"
    elif text == "else" and "LBRACE" in expected:
        yield "write `if c { a } else { b }`"
    elif text == "->":
        yield "put the chain into brackets: `(x -> A)`"
    elif kind == "NUMBER" and "PLUS" not in expected and "TRUE" not in expected:
        yield "an expectation starts with what is measured: `test.accuracy >= 0.9`"
    elif kind == "STRING" and "PLUS" not in expected:
        yield "a comment starts with `#`"


def _at_a_sign(text: str, kind: str, expected: set[str], last: str) -> Iterator[str]:
    if text == "->":
        yield "put the chain into brackets: `(x -> A)`"
    elif text == "else" and "LBRACE" in expected:
        yield "write `if c { a } else { b }`"
    elif text == "for" and "RSQB" in expected:
        yield "lists are filled by a statement: `for x in xs { parts.append(f(x)) }`"
    elif kind in ("NAME", "NUMBER", "STRING") and expected & {"RPAR", "RSQB"}:
        yield f"a `,` stands between them: `{last}, {text}`"
    elif text == ":" and "LBRACE" in expected:
        yield "what belongs together stands in braces: `{ … }`"
    elif text == ":" and "EQUAL" in expected:
        yield f"a value is given with `=`: `{last} = …`"
    elif text == "=" and "COLON" in expected:
        yield f"a type comes before the value: `{last}: f32[N, 4] = …`"
    elif text == "=" and "LBRACE" in expected:
        yield "write `==` to compare"
    elif text == "(" and expected == {"LBRACE"}:
        yield "what goes in is declared inside: `input x: f32[N, 4]`"
    elif kind in ("NUMBER", "STRING") and "EQUAL" in expected:
        yield f"a value is given with `=`: `{last} = {text}`"
    elif text == "{" and "EQUAL" in expected:
        yield "what stands here is one value, behind `=`"
    elif {"COLON", "EQUAL"} <= expected and last.isidentifier():
        yield f"a field has a type: `{last}: f32[1]`"


def _close(text: str, words: list[str]) -> str | None:
    from difflib import get_close_matches

    found = get_close_matches(text, words, 1)
    return found[0] if found and found[0] != text else None
