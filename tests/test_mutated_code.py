"""A mutation gate for code: whatever is changed in a function, a quick test notices.

Sweep, programs, losses and optimisers: one comparison, operator, number, condition or statement at
a time. What survives is listed here, each with the reason why it changes nothing that counts.
"""

import pytest

from tests.mutation import survivors

FASTER = "it saves time, and changes no result"
CHECKED = "the lengths are the same by then: this is belt and braces"
MEMORY = "it frees memory, and changes no result"

# module: (the tests that notice, {mutant that survives: why it may})
GATES: dict[str, tuple[list[str], dict[str, str]]] = {
    "autograd.flows": (["flows"], {}),
    "autograd.program.listing": (["recording"], {}),
    "autograd.program.recording": (["recording"], {}),
    "autograd.program.program": (["recording"], {}),
    "autograd.program.interpreters": (["recording"], {}),
    "nn.losses": (["losses"], {}),
}


def gate(module, every=1):
    tests, equivalent = GATES[module]
    count, found = survivors(module, [f"tests/test_{name}.py" for name in tests], every)
    return count, sorted(found), sorted(equivalent)


def test_a_sample_of_the_changes_to_the_arithmetic_of_flows_is_noticed():
    count, found, equivalent = gate("autograd.flows", every=8)
    assert count > 20 and set(found) <= set(equivalent)


@pytest.mark.slow
@pytest.mark.parametrize("module", GATES)
def test_every_change_is_noticed_unless_it_changes_nothing(module):
    count, found, equivalent = gate(module)
    assert count > 20 and found == equivalent
