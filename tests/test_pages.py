"""Every rule does what its page shows: the findings, their places and words, the text after the fix, and silence."""

from __future__ import annotations

import pytest

from stackmend.linter.rule import Rule
from stackmend.linter.rules import all_rules
from stackmend.linter.testing import check_page


@pytest.mark.parametrize("rule", [pytest.param(r, id=f"{r.code} {r.name}") for r in all_rules()])
def test_a_rule_keeps_what_its_page_promises(rule: Rule) -> None:
    wrong = check_page(rule, all_rules())
    assert not wrong, f"{rule.code} {rule.name}:\n" + "\n".join(wrong)
