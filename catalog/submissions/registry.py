"""Every kind of submission by its name. What each means stands in the module of its own name."""

from collections.abc import Mapping

from catalog.submissions.base.submission import FormKind
from catalog.submissions.kinds.adoption import Adopt
from catalog.submissions.kinds.appeal import Appeal
from catalog.submissions.kinds.call import CallKind
from catalog.submissions.kinds.call_support import Support
from catalog.submissions.kinds.contribution import Help
from catalog.submissions.kinds.correction import Correct
from catalog.submissions.kinds.experience import ExperienceKind
from catalog.submissions.kinds.obstacle import Report
from catalog.submissions.kinds.question import Ask
from catalog.submissions.kinds.registration import Register
from catalog.submissions.kinds.verification import Claim
from catalog.submissions.kinds.withdrawal import Withdraw

CALLS = CallKind()
_OF_PROJECT = (Claim(), Correct(), Register(), Report(), Help())
_OF_USE = (Adopt(), Withdraw(), ExperienceKind(), Ask())
KINDS: Mapping[str, FormKind] = {claim.kind: claim for claim in (*_OF_PROJECT, *_OF_USE, CALLS, Support(), Appeal())}
