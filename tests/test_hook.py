"""`import dlc.compiler.hook`: specs are imported as the packages that they compile to."""

from __future__ import annotations

import importlib
import inspect
import io
import linecache
import pydoc
import re
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import dlc.compiler.hook as hook
import pytest
import torch
from commands import MODEL, TRAINED, dlc

IMAGES = """\
model Cnn {
  input  image: f32[N, 1, 8, 8]
  output logits: f32[N, 3]

  logits = image
    -> Conv2d(4, 3)
    -> relu
    -> flatten(1)
    -> Linear(5)
    -> relu
    -> Linear(3)
}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, first on `sys.path`; what was imported from it is let go."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before, finders = set(sys.modules), list(sys.meta_path)
    yield tmp_path
    sys.meta_path[:] = finders
    for name in set(sys.modules) - before:
        file = str(getattr(sys.modules[name], "__file__", None) or "")
        if file.startswith("<dlc ") or str(tmp_path) in file or name in ("nets", "plain"):
            del sys.modules[name]


def spec(folder: Path, name: str, text: str = MODEL) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load(name: str) -> Any:
    importlib.invalidate_caches()
    return importlib.import_module(name)


def test_a_spec_on_the_path_is_a_package_of_the_modules_that_compile_writes(here: Path) -> None:
    spec(here, "tiny_net.dl", TRAINED)
    made = load("tiny_net")
    assert dlc("compile", "tiny_net.dl", "-o", "out").code == 0
    made = load("tiny_net")
    for file in (here / "out" / "tiny_net").glob("*.py"):
        name = "tiny_net" if file.stem == "__init__" else f"tiny_net.{file.stem}"
        assert inspect.getsource(load(name)) == file.read_text(encoding="utf-8")
    assert made.__doc__ == "Compiled from tiny_net.dl."
    with pytest.raises(ModuleNotFoundError):
        load("tiny_net.procedures")


def test_the_package_has_what_the_written_one_has(here: Path) -> None:
    spec(here, "tiny_net.dl")
    dlc("compile", "tiny_net.dl", "-o", "out")
    (here / "out" / "tiny_net").rename(here / "plain")

    def names(module: ModuleType) -> set[str]:
        return {each for each in vars(module) if not each.startswith("__")}

    made, plain = load("tiny_net"), load("plain")
    assert names(made) == names(plain) == set()
    assert names(load("tiny_net.model")) == names(load("plain.model"))
    assert names(made) == names(plain) == {"model"}


def test_an_imported_model_computes_what_the_written_one_does(here: Path) -> None:
    spec(here, "tiny_net.dl", IMAGES)
    dlc("compile", "tiny_net.dl", "-o", "out")
    (here / "out" / "tiny_net").rename(here / "plain")
    ours, wanted = load("tiny_net.model").Cnn(), load("plain.model").Cnn()
    ours.load_state_dict(wanted.state_dict())
    image = torch.randn(2, 1, 8, 8)
    torch.testing.assert_close(ours(image), wanted(image), rtol=0, atol=0)


def test_a_spec_in_a_package_is_found_there(here: Path) -> None:
    spec(here / "nets", "residual_net.dl", MODEL)
    (here / "nets" / "__init__.py").touch()
    made = load("nets.residual_net")
    assert made.__name__ == "nets.residual_net"
    assert load("nets.residual_net.model").Net.__module__ == "nets.residual_net.model"
    with pytest.raises(ModuleNotFoundError):
        load("residual_net")


def test_names_that_no_module_can_have_are_found_by_their_safe_names(here: Path) -> None:
    spec(here, "my-net.dl")
    spec(here, "types.dl")
    assert load("my_net").__doc__ == "Compiled from my-net.dl."
    assert load("types_spec").__doc__ == "Compiled from types.dl."
    assert load("types").__doc__ != "Compiled from types.dl."


@pytest.mark.parametrize("beside", ["tiny_net.py", "tiny_net/__init__.py"])
def test_python_that_is_there_goes_first(here: Path, beside: str) -> None:
    spec(here, "tiny_net.dl")
    (here / beside).parent.mkdir(exist_ok=True)
    (here / beside).write_text("KIND = 'python'\n")
    assert load("tiny_net").KIND == "python"


def test_a_folder_of_data_beside_a_spec_hides_it_not(here: Path) -> None:
    spec(here, "tiny_net.dl")
    spec(here / "tiny_net", "images.csv", "a,b\n")
    assert load("tiny_net").__doc__ == "Compiled from tiny_net.dl."


def test_a_module_that_is_nowhere_is_not_found(here: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'tiny_net'"):
        load("tiny_net")


def test_tracebacks_show_generated_source_and_end_with_the_place_in_the_spec(here: Path) -> None:
    spec(here, "tiny_net.dl", IMAGES)
    made = load("tiny_net.model")
    with pytest.raises(RuntimeError) as why:
        made.Cnn()(torch.zeros(1, 1, 9, 9))
    shown = "".join(traceback.format_exception(why.value))
    assert shown.endswith("\ntiny_net.dl:9: Linear(5)\n")
    frame = shown.partition('File "<dlc tiny_net.dl>/model.py", line ')[2]
    line = int(frame.partition(",")[0])
    source = inspect.getsource(made).split("\n")[line - 1]
    assert "nn." not in source and source.strip() in frame


def test_the_place_is_told_once_and_is_the_innermost(here: Path) -> None:
    text = "block Inner(out: int) = Linear(out) -> relu -> Linear(out)\n\n" + IMAGES.replace(
        "Linear(5)", "Inner(5)"
    )
    spec(here, "tiny_net.dl", text)
    made = load("tiny_net.model")
    with pytest.raises(RuntimeError) as why:
        made.Cnn()(torch.zeros(1, 1, 9, 9))
    assert why.value.__notes__ == ["tiny_net.dl:1: Linear(out)"]


def test_errors_that_come_from_elsewhere_get_no_place(here: Path) -> None:
    spec(here, "tiny_net.dl", IMAGES)
    made = load("tiny_net.model")
    net = made.Cnn()
    with pytest.raises(TypeError) as why:
        net()
    assert not hasattr(why.value, "__notes__")


def test_source_is_found_by_inspect_and_stays_after_linecache_checks(here: Path) -> None:
    spec(here, "tiny_net.dl")
    made = load("tiny_net.model")
    linecache.checkcache()
    assert inspect.getsource(made.Net).startswith("class Net(nn.Module):")
    assert "def forward(self, x: Tensor)" in inspect.getsource(made.Net.forward)
    assert "try" not in inspect.getsource(made)
    linecache.clearcache()
    with pytest.raises(RuntimeError) as why:
        made.Net()(torch.zeros(2, 3))
    assert "self." in "".join(traceback.format_exception(why.value)).partition("<dlc ")[2]


def test_help_is_there(here: Path) -> None:
    spec(here, "tiny_net.dl")
    said = io.StringIO()
    with redirect_stdout(said):
        pydoc.Helper(output=said).help(load("tiny_net"))
        pydoc.Helper(output=said).help(load("tiny_net.model").Net)
    assert "Compiled from tiny_net.dl" in pydoc.plain(said.getvalue())
    assert "forward(self, x: " in pydoc.plain(said.getvalue())


def test_a_wrong_spec_raises_an_import_error_that_says_what_check_says(here: Path) -> None:
    wrong = MODEL.replace("relu", "relus").replace("Linear(2)", "Lineal(2)")
    spec(here, "tiny_net.dl", wrong)
    with pytest.raises(ImportError) as why:
        load("tiny_net")
    assert isinstance(why.value, hook.SpecError)
    assert (why.value.name, why.value.path) == ("tiny_net", str(here / "tiny_net.dl"))
    for each in (" tiny_net.dl:3:", "`relus`", "did you mean `relu`?", "`Lineal`"):
        assert each.strip() in str(why.value)
    assert "tiny_net" not in sys.modules
    spec(here, "tiny_net.dl")
    assert load("tiny_net.model").Net


def test_a_file_that_is_no_text_raises_it_too(here: Path) -> None:
    (here / "tiny_net.dl").write_bytes(b"model \xff")
    with pytest.raises(hook.SpecError, match="UTF-8"):
        load("tiny_net")


def test_warnings_of_the_check_are_warnings_of_the_import(here: Path) -> None:
    lines = MODEL.replace("output y:", "unused = x -> Linear(3)\n  output y:")
    spec(here, "tiny_net.dl", lines)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        load("tiny_net")
    said = dlc("check", "tiny_net.dl", "--json").lines[0]["diagnostics"]
    assert said, "the spec has nothing to warn of"
    assert [each.lineno for each in found] == [each["line"] for each in said]
    assert all(each.category is hook.SpecWarning for each in found)


def test_a_reload_takes_what_was_edited(here: Path) -> None:
    path = spec(here, "tiny_net.dl", IMAGES)
    top, made = load("tiny_net"), load("tiny_net.model")
    before = inspect.getsource(made.Cnn)
    assert made.Cnn()(torch.zeros(1, 1, 8, 8)).shape == (1, 3)
    path.write_text("\n\n" + IMAGES.replace("3)\n}", "6)\n}").replace("[N, 3]", "[N, 6]"))
    assert importlib.reload(top) is top
    assert sys.modules["tiny_net.model"] is made is top.model
    assert made.Cnn()(torch.zeros(1, 1, 8, 8)).shape == (1, 6)
    assert inspect.getsource(made.Cnn) not in before and "[N, 6]" in inspect.getsource(made.Cnn)
    with pytest.raises(RuntimeError) as why:
        made.Cnn()(torch.zeros(1, 1, 9, 9))
    assert why.value.__notes__ == ["tiny_net.dl:11: Linear(5)"]


def test_a_reload_of_one_module_takes_it_too(here: Path) -> None:
    path = spec(here, "tiny_net.dl", IMAGES)
    made = load("tiny_net.model")
    path.write_text(IMAGES.replace("3)\n}", "6)\n}").replace("[N, 3]", "[N, 6]"))
    importlib.reload(made)
    assert made.Cnn()(torch.zeros(1, 1, 8, 8)).shape == (1, 6)


def test_a_reload_of_what_has_become_wrong_changes_nothing(here: Path) -> None:
    path = spec(here, "tiny_net.dl", IMAGES)
    top, made = load("tiny_net"), load("tiny_net.model")
    kind, source = made.Cnn, inspect.getsource(made)
    path.write_text(IMAGES.replace("relu", "relus"))
    with pytest.raises(hook.SpecError):
        importlib.reload(top)
    assert made.Cnn is kind and inspect.getsource(made) == source


def test_a_reload_lets_go_of_modules_that_are_no_longer_made(here: Path) -> None:
    path = spec(here, "tiny_net.dl", TRAINED)
    top = load("tiny_net")
    load("tiny_net.train")
    path.write_text(MODEL)
    importlib.reload(top)
    assert "tiny_net.train" not in sys.modules and not hasattr(top, "train")
    assert top.model.Net
    with pytest.raises(ModuleNotFoundError):
        load("tiny_net.train")


def test_an_imported_package_trains_and_leaves_a_run_that_predicts(here: Path) -> None:
    spec(here, "tiny_net.dl", TRAINED)
    made = load("tiny_net.train")
    threads = torch.get_num_threads()
    try:
        assert made.launch(made.train, out="runs", quiet=True) == 0
    finally:
        torch.set_num_threads(threads)
    (run,) = (here / "runs" / "tiny_net").iterdir()
    code = run / "generated" / "tiny_net" / "train.py"
    assert code.read_text(encoding="utf-8") == inspect.getsource(made)
    said = dlc("predict", run, "-", "--json", stdin=b"3\n")
    assert said.code == 0 and set(said.lines[0]) == {"y_hat"}


def test_torch_takes_imported_models_apart_as_it_does_others(here: Path) -> None:
    spec(here, "tiny_net.dl", IMAGES)
    net, image = load("tiny_net.model").Cnn(), torch.randn(2, 1, 8, 8)
    wanted = net(image)
    traced = torch.fx.symbolic_trace(net)
    exported = torch.export.export(net, (image,)).module()
    compiled = torch.compile(net, backend="eager", fullgraph=True)
    for each in (traced, exported, compiled):
        torch.testing.assert_close(each(image), wanted)


def test_modules_of_python_come_in_where_they_are_allowed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec(
        here,
        "tiny_net.dl",
        """\
extern Half = python("halves_of_mine:Half") {
  input  x: f32[N, 4]
  output y: f32[N, 4]
}

model Net {
  input  x: f32[N, 4]
  output y: f32[N, 4] = x -> Half
}
""",
    )
    spec(
        here,
        "halves_of_mine.py",
        "from torch import nn\n\n\nclass Half(nn.Module):\n"
        "    def forward(self, x):\n        return x / 2\n",
    )
    monkeypatch.setattr(hook, "ALLOWED", [])
    with pytest.raises(hook.SpecError, match="halves_of_mine"):
        load("tiny_net")
    assert "halves_of_mine" not in sys.modules
    hook.allow("halves_of_mine")
    net = load("tiny_net.model").Net()
    torch.testing.assert_close(net(torch.ones(1, 4)), torch.full((1, 4), 0.5))


def test_installing_twice_finds_once(here: Path) -> None:
    hook.install()
    assert sum(isinstance(each, hook.SpecFinder) for each in sys.meta_path) == 1


ALONE = """
import sys
import dlc.compiler.hook
import tiny_net
assert "torch" not in sys.modules
import tiny_net.model
assert "torch" in sys.modules
tiny_net.model.Cnn()(tiny_net.model.torch.zeros(1, 1, 9, 9))
"""


def test_torch_waits_for_the_model_and_a_script_ends_with_the_place(here: Path) -> None:
    spec(here, "tiny_net.dl", IMAGES)
    (here / "script.py").write_text(ALONE)
    said = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True)
    assert said.returncode == 1
    assert "AssertionError" not in said.stderr
    assert said.stderr.endswith("\ntiny_net.dl:9: Linear(5)\n")


README = Path(__file__).parent.parent / "README.md"


def test_the_example_of_the_readme_runs_and_its_error_is_the_real_one(here: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.M | re.S)
    spec(here, "mnist.dl", (README.parent / "specs" / "mnist.dl").read_text("utf-8"))
    (here / "script.py").write_text(f"{code}Cnn()(torch.zeros(1, 1, 30, 30))\n")
    said = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True)
    assert said.stdout == "torch.Size([1, 10])\n"
    assert f"```\n{''.join(said.stderr.splitlines(True)[-2:])}```\n" in README.read_text("utf-8")
