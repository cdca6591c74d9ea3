"""Every kind of submission by its name. What each means stands in the module of its own name."""

from collections.abc import Mapping

from catalog.submissions.base.submission import FormKind
from catalog.submissions.kinds.adoption import AdoptionForm
from catalog.submissions.kinds.call import CallForm
from catalog.submissions.kinds.contribution import ContributionForm
from catalog.submissions.kinds.correction import CorrectionForm
from catalog.submissions.kinds.experience import ExperienceForm
from catalog.submissions.kinds.obstacle import ObstacleForm
from catalog.submissions.kinds.question import QuestionForm
from catalog.submissions.kinds.registration import RegistrationForm
from catalog.submissions.kinds.verification import VerificationForm
from catalog.submissions.kinds.withdrawal import WithdrawalForm

_OF_PROJECT = (VerificationForm(), CorrectionForm(), RegistrationForm(), ObstacleForm(), ContributionForm())
_OF_USE = (AdoptionForm(), WithdrawalForm(), ExperienceForm(), QuestionForm())
KINDS: Mapping[str, FormKind] = {claim.kind: claim for claim in (*_OF_PROJECT, *_OF_USE, CallForm())}
