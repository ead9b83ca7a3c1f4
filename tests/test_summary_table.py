"""The table of `dlc summary`: rows, blocks, repeats and totals; the JSON beside it."""

from __future__ import annotations

import json

from dlc.compiler.summary import described, summary
from dlc.compiler.summary_table import table
from summarised import BLOCKS, RECURRENT, model_of

TIMES = "\N{MULTIPLICATION SIGN}"


def shown(text: str, wanted: str = "Net", depth: int | None = None) -> str:
    """The layers of the table, without its head and totals."""
    model, _ = model_of(text, wanted)
    lines = table(described(model, "net.dl"), depth).split("\n")
    return "\n".join(lines[3 : lines.index("")])


def test_blocks_are_indented_and_repeated_ones_shown_once_with_the_numbers_of_all() -> None:
    assert shown(BLOCKS) == "\n".join(
        (
            "9     Linear (shared)                       [N, 4]          20   N*36",
            "9     Linear (shared, shared)               [N, 4]               N*36",
            f"9     Residual {TIMES} 3 (residual1 … residual3)  [N, 4]",
            "4       Linear (linear1)                    [N, 4]          60  N*108",
            "4       relu                                [N, 4]               N*12",
            "4       +                                   [N, 4]               N*12",
            "10    Linear (linear1)                      [N, 8]          40   N*72",
            "10    relu                                  [N, 8]                N*8",
            "10    Linear (linear2)                      [N, 8]          72  N*136",
            "10    relu                                  [N, 8]                N*8",
        )
    )


def test_folded_blocks_have_the_sums_of_what_they_hold() -> None:
    lines = shown(BLOCKS, depth=0).split("\n")
    assert lines[2].split()[-2:] == ["60", "N*132"]
    assert len(lines) == 7


def test_a_group_that_repeats_is_shown_once() -> None:
    lines = shown("""
        model Net {
          input x: f32[N, 4]
          output y = x -> repeat(5) { Linear(4) -> relu }
        }""").split("\n")
    assert [line.split("  [")[0].split(maxsplit=1)[-1].rstrip() for line in lines[1:]] == [
        "Linear (linear1)",
        "relu",
    ]
    assert lines[0].split() == [TIMES, "5"]
    assert lines[1].split()[-2:] == ["100", "N*180"]


def test_the_rows_of_the_table_add_up_to_its_totals() -> None:
    model, _ = model_of(BLOCKS)
    found = described(model, "net.dl")
    for depth in (None, 0, 1):
        cells = [line.split("]")[1].split() for line in shown(BLOCKS, depth=depth).split("\n")]
        parameters = sum(int(each[0]) for each in cells if len(each) == 2)
        flops = sum(int(each[-1].split("*")[1]) for each in cells if each)
        assert (parameters, flops) == (found.parameters, found.flops_of(1))


def test_the_json_lists_every_layer_though_the_table_shows_repeated_ones_once() -> None:
    model, _ = model_of(BLOCKS)
    found = summary(model, "net.dl")
    kinds = [each["kind"] for each in found["layers"]]
    assert kinds.count("Residual") == 3
    assert [each["shared"] for each in found["layers"]][:2] == [False, True]
    assert sum(each["parameters"] for each in found["layers"]) == 192
    assert {each["level"] for each in found["layers"]} == {0, 1}
    assert json.loads(json.dumps(found)) == found


def test_a_loop_shows_its_turns_and_layers_with_several_results_show_all() -> None:
    lines = shown(RECURRENT).split("\n")
    assert lines[1].startswith(f"8     for {TIMES} T")
    text = """
        model Net {
          input x: f32[N, T, 8]
          y, (h, c) = x -> LSTM(16)
          output z = y
        }"""
    assert "[N, T, 16], [1, N, 16], [1, N, 16]" in shown(text)
    (lstm,) = summary(model_of(text)[0], "net.dl")["layers"]
    assert lstm["outputs"] == [["N", "T", 16], [1, "N", 16], [1, "N", 16]]
    assert lstm["output"] == ["N", "T", 16]


def test_weights_and_buffers_of_a_models_own_count_as_torch_counts_them() -> None:
    model, module = model_of("""
        model Net {
          input x: f32[N, 6]
          weight scale: f32[6] = ones(6)
          buffer table: f32[6, 6] = ones(6, 6) -> tril
          output y = (x * scale) @ table -> BatchNorm1d
        }""")
    found = summary(model, "net.dl")
    net = module.Net()
    assert found["parameters"]["trainable"] == sum(each.numel() for each in net.parameters())
    assert found["parameters"]["buffers"] == sum(each.numel() for each in net.buffers())
    assert "buffers: 49 numbers" in table(described(model, "net.dl"))


def test_a_block_that_is_used_twice_by_name_holds_its_weights_once() -> None:
    model, module = model_of("""
        block Twice(width: int) {
          input  x: f32[N, D]
          weight shift: f32[D] = zeros(D)
          output y = (x + shift) -> Linear(width) -> BatchNorm1d
        }
        model Net {
          input x: f32[N, 5]
          layer twice = Twice(5)
          output y = x -> twice -> twice
        }""")
    net = module.Net()
    assert described(model, "net.dl").parameters == sum(p.numel() for p in net.parameters())
    assert described(model, "net.dl").buffers == sum(b.numel() for b in net.buffers())
