"""What may be combined: each row is a rule that somebody published; where nobody did, the answer is "not certain"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.licenses.compatibility import SOURCES, check_combination

SURE = [
    # GNU licenses among each other: https://www.gnu.org/licenses/gpl-faq.html#AllCompatibility
    ("GPL-2.0-only", "GPL-2.0-only", True, None, "whole"),
    ("GPL-2.0-only", "GPL-2.0-or-later", True, "GPL-2.0-only", "whole"),
    ("GPL-2.0-only", "GPL-3.0-or-later", False, None, "whole"),
    ("GPL-2.0-only", "LGPL-2.1-only", True, "GPL-2.0-only", "whole"),
    ("GPL-2.0-only", "LGPL-2.1-or-later", True, "GPL-2.0-only", "whole"),
    ("GPL-2.0-only", "LGPL-3.0-or-later", False, None, "whole"),
    ("GPL-2.0-or-later", "GPL-2.0-only", True, None, "whole"),
    ("GPL-2.0-or-later", "GPL-3.0-or-later", True, None, "whole"),
    ("GPL-2.0-or-later", "LGPL-2.1-only", True, "GPL-2.0-or-later", "whole"),
    ("GPL-2.0-or-later", "LGPL-3.0-only", True, "GPL-3.0-only", "whole"),
    ("GPL-3.0-only", "GPL-2.0-only", False, None, "whole"),
    ("GPL-3.0-only", "GPL-2.0-or-later", True, "GPL-3.0-only", "whole"),
    ("GPL-3.0-only", "GPL-3.0-or-later", True, "GPL-3.0-only", "whole"),
    ("GPL-3.0-or-later", "GPL-2.0-or-later", True, "GPL-3.0-or-later", "whole"),
    ("GPL-3.0-or-later", "LGPL-2.1-only", True, "GPL-3.0-or-later", "whole"),
    ("GPL-3.0-only", "LGPL-3.0-only", True, "GPL-3.0-only", "whole"),
    ("LGPL-2.1-only", "GPL-2.0-only", True, None, "whole"),
    ("LGPL-2.1-only", "GPL-3.0-or-later", True, None, "whole"),
    ("LGPL-2.1-only", "LGPL-2.1-or-later", True, "LGPL-2.1-only", "whole"),
    ("LGPL-2.1-only", "LGPL-3.0-only", True, "GPL-3.0-only", "whole"),
    ("LGPL-2.1-or-later", "LGPL-3.0-or-later", True, None, "whole"),
    ("LGPL-3.0-only", "GPL-2.0-only", False, None, "whole"),
    ("LGPL-3.0-only", "GPL-2.0-or-later", True, "GPL-3.0-only", "whole"),
    ("LGPL-3.0-only", "GPL-3.0-only", True, None, "whole"),
    ("LGPL-3.0-only", "LGPL-2.1-or-later", True, "LGPL-3.0-only", "whole"),
    # section 13 of GPL 3 and of AGPL 3
    ("GPL-3.0-or-later", "AGPL-3.0-or-later", True, None, "beside"),
    ("GPL-2.0-or-later", "AGPL-3.0-only", True, None, "beside"),
    ("AGPL-3.0-only", "GPL-3.0-only", True, None, "beside"),
    ("AGPL-3.0-or-later", "GPL-2.0-or-later", True, "GPL-3.0-or-later", "beside"),
    ("AGPL-3.0-only", "GPL-2.0-only", False, None, "whole"),
    ("GPL-2.0-only", "AGPL-3.0-or-later", False, None, "whole"),
    # nobody said "only" or "or later": answered where both agree
    ("GPL-3.0", "AGPL-3.0", True, None, "beside"),
    ("AGPL-3.0", "AGPL-3.0-or-later", True, "AGPL-3.0-only", "whole"),
    ("AGPL-3.0-or-later", "AGPL-3.0", True, None, "whole"),
    ("LGPL-3.0", "AGPL-3.0", True, None, "beside"),
    ("MIT", "GPL-2.0", True, None, "whole"),
    # permissive ones
    ("MIT", "AGPL-3.0-or-later", True, None, "whole"),
    ("MIT", "Apache-2.0", True, None, "whole"),
    ("ISC AND BSD-3-Clause", "EUPL-1.2", True, None, "whole"),
    ("MIT", "LicenseRef-theirs", True, None, "beside"),
    ("CC0-1.0", "LicenseRef-Coopyleft", True, None, "beside"),
    ("AGPL-3.0-or-later", "MIT", True, "AGPL-3.0-or-later", "whole"),
    ("GPL-2.0-only", "BSD-3-Clause", True, "GPL-2.0-only", "whole"),
    # Apache: https://www.apache.org/licenses/GPL-compatibility.html
    ("Apache-2.0", "GPL-3.0-or-later", True, None, "whole"),
    ("Apache-2.0", "GPL-2.0-only", False, None, "whole"),
    ("Apache-2.0", "GPL-2.0-or-later", True, "GPL-3.0-or-later", "whole"),
    ("Apache-2.0", "MIT", True, None, "beside"),
    ("GPL-3.0-only", "Apache-2.0", True, "GPL-3.0-only", "whole"),
    ("GPL-2.0-only", "Apache-2.0", False, None, "whole"),
    # MPL 2.0, sections 1.12 and 3.3
    ("MPL-2.0", "GPL-2.0-only", True, None, "whole"),
    ("MPL-2.0", "AGPL-3.0-or-later", True, None, "whole"),
    ("MPL-2.0", "Apache-2.0", True, None, "beside"),
    ("MPL-2.0-no-copyleft-exception", "GPL-3.0-only", False, None, "whole"),
    ("MPL-1.1", "GPL-2.0-or-later", False, None, "whole"),
    # LGPL as a library
    ("LGPL-3.0-or-later", "MIT", True, None, "library"),
    ("LGPL-2.1-only", "Apache-2.0", True, None, "library"),
    # EUPL 1.2, article 5 with its appendix; CeCILL, article 5.3.4
    ("EUPL-1.2", "GPL-3.0-only", True, None, "whole"),
    ("EUPL-1.2", "GPL-3.0-or-later", True, "GPL-3.0-only", "whole"),
    ("EUPL-1.2", "AGPL-3.0-only", True, None, "whole"),
    ("EUPL-1.2", "CECILL-2.1", True, None, "whole"),
    ("GPL-3.0-only", "EUPL-1.2", True, "GPL-3.0-only", "whole"),
    ("OSL-3.0", "EUPL-1.2", True, "OSL-3.0", "whole"),
    ("EUPL-1.1", "GPL-2.0-only", True, None, "whole"),
    ("CECILL-2.1", "EUPL-1.2", True, None, "whole"),
    ("CECILL-2.1", "AGPL-3.0-or-later", True, None, "whole"),
    ("CECILL-2.0", "GPL-3.0-or-later", True, None, "whole"),
    ("AGPL-3.0-only", "CECILL-2.1", True, "AGPL-3.0-only", "whole"),
    # works that are no code
    ("CC-BY-SA-4.0", "GPL-3.0-only", True, None, "whole"),
    ("CC-BY-SA-4.0", "GPL-3.0-or-later", True, "GPL-3.0-only", "whole"),
    # FSF: incompatible, and what is not free
    ("EPL-1.0", "GPL-3.0-or-later", False, None, "whole"),
    ("CDDL-1.0", "GPL-2.0-only", False, None, "whole"),
    ("BSD-4-Clause", "AGPL-3.0-only", False, None, "whole"),
    ("LicenseRef-Coopyleft", "GPL-3.0-or-later", False, None, "whole"),
    ("GPL-3.0-or-later", "LicenseRef-Coopyleft", False, None, "whole"),
    ("SSPL-1.0", "AGPL-3.0-or-later", False, None, "whole"),
    # choices and sums
    ("MIT OR GPL-3.0-only", "GPL-2.0-only", True, None, "whole"),
    ("GPL-2.0-only AND MIT", "GPL-3.0-only", False, None, "whole"),
    ("Apache-2.0 AND MIT", "GPL-3.0-only", True, None, "whole"),
    ("GPL-3.0-only", "MIT OR GPL-3.0-only", True, "GPL-3.0-only", "whole"),
    # exceptions allow more, and can be left out
    ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", True, None, "whole"),
    ("GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0", True, "GPL-2.0-only", "whole"),
    ("MIT", "GPL-2.0-only WITH Classpath-exception-2.0", True, None, "whole"),
]
UNSURE = [
    ("GPL-2.0", "GPL-3.0-or-later"),  # "only" would forbid it, "or later" allow it
    ("Apache-2.0", "GPL-2.0"),
    ("EPL-2.0", "GPL-3.0-or-later"),  # depends on what its makers named beside it
    ("LicenseRef-theirs", "GPL-3.0-only"),
    ("GPL-3.0-only", "LicenseRef-theirs"),
    ("LicenseRef-Coopyleft", "MIT"),
    ("CECILL-B", "GPL-3.0-only"),
    ("CECILL-C", "GPL-3.0-only"),
    ("etalab-2.0", "GPL-3.0-only"),
    ("GPL-2.0-only WITH Classpath-exception-2.0", "Apache-2.0"),
    ("MIT WITH AdditionRef-theirs", "GPL-3.0-only"),
    ("GPL-3.0-only", "MIT AND AGPL-3.0-only AND EPL-2.0"),
    ("LicenseRef-theirs", "MIT"),
]


@pytest.mark.parametrize(("code", "work", "may", "under", "how"), SURE)
def test_what_is_certain(code, work, may, under, how):
    found = check_combination(code, work)
    assert (found.may, found.under, found.how) == (may, under, how)
    assert set(found.sources) <= SOURCES
    assert found.sources or may


@pytest.mark.parametrize(("code", "work"), UNSURE)
def test_what_is_not_certain_is_said_to_be_so(code, work):
    assert check_combination(code, work).may is None


def test_the_network_rule_follows_agpl_code_into_gpl_works_only():
    assert check_combination("AGPL-3.0-only", "GPL-3.0-only").network
    assert not check_combination("GPL-3.0-only", "AGPL-3.0-only").network


def test_an_expression_with_too_many_choices_is_not_certain():
    many = " AND ".join(f"(MIT OR LicenseRef-{number})" for number in range(12))
    assert check_combination(many, "MIT").may is None


IDS = sorted({license_id for row in (*SURE, *UNSURE) for license_id in row[:2]})


@given(st.sampled_from(IDS), st.sampled_from(IDS))
def test_no_pair_raises_and_a_refusal_holds_both_ways(code, work):
    there, back = check_combination(code, work), check_combination(work, code)
    assert (there.may is False) == (back.may is False)
    assert there.may is not False or there.sources


@given(st.sampled_from(IDS))
def test_everything_fits_into_itself(license):
    assert check_combination(license, license).may is True
