"""Numbers of constructors under fewer names: what is computed stays what it was.

Random programs are run before and after, with conditions and turns of all kinds.
"""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from dlc.compiler.plan.coalesce import coalesced
from dlc.compiler.plan.flow import lines, live, names, tree

COUNTED = {"a", "b", "c", "d"}
OPPOSITE = {"more": "not more", "i > 0": "i <= 0"}


def short(*state: str) -> list[str]:
    return coalesced([*state], {*COUNTED}, OPPOSITE)[0]


# One name for what goes on


def test_a_number_that_goes_on_from_another_has_its_name() -> None:
    assert short("a = n", "b = a", "made.append(b)") == ["a = n", "made.append(a)"]


def test_a_number_that_is_read_later_keeps_its_name() -> None:
    state = ["a = n", "b = a", "b += 1", "made.append(a + b)"]
    assert short(*state) == state


def test_which_name_a_number_has_now_is_told() -> None:
    _, same = coalesced(["a = n", "b = a", "c = b", "made.append(c)"], {*COUNTED}, {})
    assert same == {"b": "a", "c": "a"}


def test_loops_in_loops_go_on_with_one_number() -> None:
    state = ["a = n", "for i in range(k):", "    b = a", "    for j in range(i):",
             "        made.append(b)", "        b = b + 1",
             "    a = b", "made.append(a)"]  # fmt: skip
    assert short(*state) == [
        "a = n",
        "for i in range(k):",
        "    for j in range(i):",
        "        made.append(a)",
        "        a += 1",
        "made.append(a)",
    ]


def test_a_number_that_one_branch_changes_is_changed_there() -> None:
    state = ["a = n", "if more:", "    b = a // 2", "else:", "    b = a", "made.append(b)"]
    assert short(*state) == ["a = n", "if more:", "    a = a // 2", "made.append(a)"]


def test_a_number_that_the_other_branch_changes_is_changed_under_the_opposite() -> None:
    state = ["a = n", "if more:", "    b = a", "else:", "    b = a + k", "made.append(b)"]
    assert short(*state) == ["a = n", "if not more:", "    a += k", "made.append(a)"]


def test_two_values_of_branches_are_one_choice_where_both_names_are_needed() -> None:
    state = ["a = n", "if more:", "    b = a // 2", "else:", "    b = a", "made.append(a + b)"]
    assert short(*state) == ["a = n", "b = a // 2 if more else a", "made.append(a + b)"]


def test_what_is_no_number_of_a_turn_is_not_renamed() -> None:
    state = ["a = n", "self.b = a", "made.append(call(a=1, b=a))", 'say("b = a")']
    assert short(*state) == state


# Nothing that is not needed


def test_a_number_that_nothing_reads_is_not_computed() -> None:
    assert short("a = n", "for i in range(3):", "    a = i", "made.append(n)") == ["made.append(n)"]


def test_what_is_popped_is_popped_though_nothing_reads_it() -> None:
    assert short("a = held.pop()", "made.append(n)") == ["a = held.pop()", "made.append(n)"]


def test_a_number_is_not_given_the_value_it_has() -> None:
    state = ["a = n", "for i, w in given:", "    for _ in range(2):", "        made.append(a)",
             "        a = w", "    a = w", "made.append(a)"]  # fmt: skip
    assert short(*state) == [*state[:5], state[6]]


@pytest.mark.parametrize("over", ["range(k)", "range(0)", "given", "(1, 2)[k:]", "(2,)[:k] + (k)"])
def test_a_loop_that_may_have_no_turn_gives_a_number_no_value(over: str) -> None:
    state = ["a = n", "for i, w in given:", f"    for _ in {over}:", "        made.append(a)",
             "        a = w", "    a = w", "made.append(a)"]  # fmt: skip
    assert short(*state) == state


# The tree


@pytest.mark.parametrize(
    "state",
    [
        ["if more:", "    a = 1", "else:", "    for i in held:", "        b = 2", "c = 3"],
        ["for i in held:", "    if more:", "        a = 1", "    b = 2"],
        ["with torch.no_grad():", "    self.a.fill_(1)", "    self.b.zero_()"],
        ["for i in held:", "    if more:\n        raise ValueError(1)", "    a = 2"],
    ],
)
def test_a_tree_has_the_lines_it_was_made_of(state: list[str]) -> None:
    assert [*lines(tree(state))] == state


def test_names_are_no_attributes_arguments_or_strings() -> None:
    assert names('self.a(b, c=d, e == f) + "g"') == {"self", "b", "d", "e", "f"}


def test_what_is_read_first_in_some_turn_is_read_before_the_loop() -> None:
    state = ["for i in range(b):", "    made.append(a)", "    a = c", "d = a"]
    assert live(tree(state), set()) - {"range"} == {"a", "b", "c", "made"}


def test_a_branch_without_an_else_lets_a_number_pass() -> None:
    assert live(tree(["if more:", "    a = 1", "b = a"]), set()) == {"more", "a"}


# At random


def program(random: Random, depth: int = 0, turn: str = "n") -> list[str]:
    """Statements on four numbers; what they come to is appended to `made`."""
    found = []
    for _ in range(random.randint(1, 4)):
        one, other = random.choice("abcd"), random.choice("abcd")
        kind = random.random()
        if kind < 0.4:
            found.append(f"{one} = {other}")
        elif kind < 0.55:
            found.append(
                f"{one} = {random.choice([f'{one} + 1', f'2 * {other}', 'n', f'n + {turn}'])}"
            )
        elif kind < 0.62:
            found.append(f"{one}, {'dabc'['abcd'.index(one)]} = {other}, {other} + {one}")
        elif kind < 0.75 or depth > 2:
            found.append(f"made.append({one})")
        else:
            # What a loop counts its turns by is read in it alone.
            inner = f"{turn}i"
            loops = (f"for {inner} in {over}:" for over in ("range(2)", "range(n)", "(2, n, 1)"))
            head = random.choice([*loops, "if more:", f"if {turn} > 0:"])
            inner = inner if head.startswith("for ") else turn
            found += [head, *(f"    {each}" for each in program(random, depth + 1, inner))]
            if head.startswith("if ") and random.random() < 0.5:
                rest = program(random, depth + 1, turn)
                found += ["else:", *(f"    {each}" for each in rest)]
    return found


def result(state: list[str], n: int, more: bool) -> list[int]:
    given = {"n": n, "more": more, "made": []}
    exec("\n".join(state), given)
    return given["made"]


@pytest.mark.parametrize("seeds", [range(start, start + 500) for start in (0, 500)], ids=str)
def test_random_programs_come_to_the_same_under_fewer_names(seeds: range) -> None:
    shorter = 0
    for seed in seeds:
        random = Random(seed)
        state = ["a = 5", "b = 7", "c = 11", "d = 13", *program(random), *program(random)]
        state += [f"made.append({each})" for each in random.sample("abcd", 2)]
        found, _ = coalesced(state, {*COUNTED}, OPPOSITE)
        for n, more in product((0, 1, 3), (False, True)):
            assert result(found, n, more) == result(state, n, more), (seed, state, found)
        shorter += len(found) < len(state)
    assert shorter > len(seeds) / 2
