"""The command line: what each command prints, what it leaves behind, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from commands import MODEL, WRONG, dlc, workspace
from packages import HOME, package_of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a good spec, one that trains, and a wrong one."""
    monkeypatch.chdir(tmp_path)
    return workspace(tmp_path)


def test_check_says_good_and_exits_with_0(here: Path) -> None:
    said = dlc("check", "net.dl")
    assert (said.code, said.out, said.err) == (0, "net.dl: good\n", "")


def test_check_of_several_files_tells_each_and_fails_where_one_is_wrong(here: Path) -> None:
    said = dlc("check", "net.dl", "wrong.dl", "line.dl")
    assert said.code == 1
    assert said.out == "net.dl: good\nline.dl: good\n"
    assert said.err.startswith("error[D")
    assert "--> wrong.dl:3:" in said.err
    assert "did you mean `relu`" in said.err


def test_check_quiet_prints_faults_alone(here: Path) -> None:
    said = dlc("check", "-q", "net.dl", "wrong.dl")
    assert said.out == ""
    assert said.err.startswith("error[D")


def test_check_json_is_one_object_a_file_with_the_keys_of_the_design(here: Path) -> None:
    said = dlc("check", "--json", "net.dl", "wrong.dl")
    good, wrong = said.lines
    assert said.code == 1
    assert good == {"file": "net.dl", "ok": True, "diagnostics": []}
    assert list(wrong) == ["file", "ok", "diagnostics"]
    (fault,) = wrong["diagnostics"]
    keys = "code severity message label line column end_line end_column notes help values"
    assert list(fault) == keys.split()
    place = [fault[each] for each in ("line", "column", "end_line", "end_column")]
    column = WRONG.splitlines()[2].index("relus") + 1
    assert place == [3, column, 3, column + len("relus")]
    assert fault["severity"] == "error"


def test_options_may_stand_before_or_behind_the_command(here: Path) -> None:
    assert dlc("--json", "check", "net.dl").lines == dlc("check", "net.dl", "--json").lines


def test_a_spec_is_read_from_standard_input(here: Path) -> None:
    said = dlc("check", "-", "--json", stdin=WRONG.encode())
    assert said.code == 1
    assert said.lines[0]["file"] == "<stdin>"
    assert dlc("check", "-", stdin=MODEL.encode()).code == 0


@pytest.mark.parametrize("command", ["check", "compile", "run", "summary", "fmt"])
def test_a_file_that_is_not_there_is_a_fault_of_use(here: Path, command: str) -> None:
    said = dlc(command, "nowhere.dl")
    assert said.code == 2
    assert said.out == ""
    assert said.err == "error: there is no file `nowhere.dl`\nhelp: check the path\n"
    assert sorted(each.name for each in here.iterdir()) == ["line.dl", "net.dl", "wrong.dl"]


@pytest.mark.parametrize("command", ["check", "compile", "run", "summary", "fmt"])
def test_a_folder_instead_of_a_file_is_a_fault_of_use(here: Path, command: str) -> None:
    said = dlc(command, ".")
    assert said.code == 2
    assert said.err == "error: `.` cannot be read: it is a folder\nhelp: name a `.dl` file\n"


@pytest.mark.parametrize(
    "arguments", [["check"], ["chek", "net.dl"], ["check", "--colour"], ["compile"]]
)
def test_wrong_usage_exits_with_2_and_says_how(here: Path, arguments: list[str]) -> None:
    said = dlc(*arguments)
    assert said.code == 2
    assert said.err.startswith("Usage: dlc")


def test_a_param_and_a_train_key_are_set(here: Path) -> None:
    settings = ["--set", "rate=0.5", "--set", "epochs=7", "--set", "seed=3"]
    assert dlc("compile", "line.dl", *settings).code == 0
    code = (here / "line" / "train.py").read_text()
    assert "lr=0.5" in code
    assert "EPOCHS = 7\n" in code
    assert "SEED = 3\n" in code


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("epoch=3", "did you mean `epochs`"),
        ("epochs=many", "many"),
        ("epochs=2.5", "a whole number above 0"),
        ("epochs=-1", "a whole number above 0"),
        ("rate=[", "--set"),
        ("rate", "--set"),
        ("=3", "--set"),
        ("rate=0.1 param other = 3", "--set"),
        ("rate=-1", "a number above 0"),
    ],
)
def test_a_setting_is_checked_as_if_it_stood_in_the_file(
    here: Path, setting: str, message: str
) -> None:
    said = dlc("check", "line.dl", "--set", setting)
    assert said.code == 1, said
    assert said.err.startswith("error[D")
    assert message in said.err
    assert "Traceback" not in said.err


def test_summary_json_has_the_keys_of_the_design(here: Path) -> None:
    (found,) = dlc("summary", "net.dl", "--json").lines
    assert list(found)[:7] == [
        "file",
        "model",
        "parameters",
        "flops",
        "layers",
        "outputs",
        "conditions",
    ]
    assert found["file"] == "net.dl"
    assert found["model"] == "Net"
    # (4 + 1) * 8 + (8 + 1) * 2 numbers
    assert found["parameters"] == {"trainable": 58, "frozen": 0, "buffers": 0}
    assert found["outputs"] == {"y": {"dtype": "f32", "shape": ["N", 2]}}
    assert found["conditions"] == []
    first = found["layers"][0]
    assert list(first)[:7] == ["name", "kind", "line", "inputs", "output", "parameters", "flops"]
    assert first["name"] == "linear1"
    assert (first["kind"], first["line"], first["parameters"]) == ("Linear", 3, 40)
    assert first["inputs"] == [["N", 4]]
    assert first["output"] == ["N", 8]


def test_summary_is_a_table_with_the_number_of_parameters(here: Path) -> None:
    said = dlc("summary", "net.dl")
    assert said.code == 0
    assert "Linear (linear1)" in said.out
    assert "parameters: 58 trainable" in said.out


def test_summary_of_a_wrong_spec_prints_what_check_prints(here: Path) -> None:
    said = dlc("summary", "wrong.dl", "--json")
    assert said.code == 1
    assert said.lines == dlc("check", "wrong.dl", "--json").lines


def test_summary_takes_the_model_that_is_named_else_the_last(here: Path) -> None:
    (here / "two.dl").write_text(MODEL + MODEL.replace("Net", "Other"))
    assert dlc("summary", "two.dl", "--json").lines[0]["model"] == "Other"
    assert dlc("summary", "two.dl", "--json", "--model", "Net").lines[0]["model"] == "Net"
    said = dlc("summary", "two.dl", "--model", "Nit")
    assert said.code == 2
    assert "there is: Net, Other" in said.err


def test_fmt_changes_a_file_once(here: Path) -> None:
    (here / "net.dl").write_text(MODEL.replace("  output", " \toutput"))
    assert dlc("fmt", "net.dl", "line.dl").out == "net.dl: formatted\n"
    assert (here / "net.dl").read_text() == MODEL
    said = dlc("fmt", "net.dl")
    assert (said.code, said.out) == (0, "")


def test_fmt_check_and_diff_change_nothing_and_fail(here: Path) -> None:
    untidy = MODEL.replace("Net(width", "Net( width")
    (here / "net.dl").write_text(untidy)
    said = dlc("fmt", "--check", "net.dl", "line.dl")
    assert said.code == 1
    assert said.err == "net.dl: `dlc fmt` would change it\n"
    said = dlc("fmt", "--diff", "net.dl")
    assert said.code == 1
    assert "-model Net( width: int = 8) {\n+model Net(width: int = 8) {\n" in said.out
    assert (here / "net.dl").read_text() == untidy
    assert dlc("fmt", "--check", "line.dl").code == 0


def test_fmt_prints_what_came_in_on_standard_input(here: Path) -> None:
    said = dlc("fmt", "-", stdin=MODEL.replace("\n", "\r\n").encode())
    assert (said.code, said.out) == (0, MODEL)


def test_fmt_leaves_a_file_that_is_no_spec(here: Path) -> None:
    (here / "net.dl").write_text("model {")
    said = dlc("fmt", "net.dl")
    assert said.code == 1
    assert said.err.startswith("error[D")
    assert (here / "net.dl").read_text() == "model {"


def test_a_spec_that_trains_nothing_cannot_run(here: Path) -> None:
    said = dlc("run", "net.dl")
    assert said.code == 2
    assert said.err.startswith("error: net.dl trains nothing\n")
    assert not (here / "runs").exists()


def test_a_wrong_spec_does_not_run_and_leaves_no_folder(here: Path) -> None:
    assert dlc("run", "wrong.dl").code == 1
    assert not (here / "runs").exists()


def test_a_prediction_without_a_run_says_what_to_do(here: Path) -> None:
    said = dlc("predict", "line.dl", "-")
    assert said.code == 2
    assert said.err.endswith("help: train first: `dlc run SPEC`\n")


def test_explain_has_a_page_and_a_nearest_word(here: Path) -> None:
    assert "Conv2d" in dlc("explain", "Conv2d").out
    said = dlc("explain", "Conv2")
    assert said.code == 2
    assert "did you mean `Conv2d`?" in said.err


def test_version_is_that_of_the_installed_package() -> None:
    said = dlc("--version")
    assert (said.code, said.out) == (0, f"dlc {version('dlc')}\n")


def test_an_interrupted_command_exits_with_130(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dlc.compiler.pipeline.check", interrupted)
    assert dlc("check", "net.dl").code == 130


def test_a_fault_of_our_own_is_one_line_that_asks_for_a_report(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("inside")

    monkeypatch.setattr("dlc.compiler.pipeline.check", broken)
    said = dlc("check", "net.dl")
    assert said.code == 70
    assert said.err.count("\n") == 1
    assert "Please report it" in said.err
    with pytest.raises(AssertionError, match="inside"):
        dlc("--debug", "check", "net.dl")


SCRIPT = Path(sys.executable).parent / "dlc"


@pytest.mark.skipif(not SCRIPT.exists(), reason="the script is not beside this Python")
def test_the_installed_script_checks_and_ends_with_its_code(here: Path) -> None:
    command = [SCRIPT, "check", "net.dl", "wrong.dl", "--json"]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 1
    assert [json.loads(line)["ok"] for line in said.stdout.splitlines()] == [True, False]
    assert said.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
@pytest.mark.parametrize(("word", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colours_unless_no_color_is_set(
    here: Path, word: str, coloured: bool
) -> None:
    import pty

    master, slave = pty.openpty()
    environment = {**os.environ, "NO_COLOR": word} if word else dict(os.environ)
    if not word:
        environment.pop("NO_COLOR", None)
    command = [
        sys.executable,
        "-c",
        "from dlc.compiler.cli import main; main()",
        "check",
        "wrong.dl",
    ]
    subprocess.run(command, stderr=slave, stdout=subprocess.DEVNULL, env=environment)
    os.close(slave)
    shown = os.read(master, 100_000)
    os.close(master)
    assert (b"\033[" in shown) is coloured
    assert b"error" in shown


def test_json_is_the_same_for_a_file_alone_and_among_others() -> None:
    specs = sorted((HOME / "specs").glob("*.dl"))
    together = dlc("summary", specs[0], "--json").lines
    assert together[0]["file"] == str(specs[0])
    assert len(dlc("check", "--json", *specs).lines) == len(specs)
    assert package_of(specs[0]).files
