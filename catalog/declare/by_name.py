"""Every kind of declaration by its name. What each means stands in the module of its own name."""

from collections.abc import Mapping

from catalog.declare.adopt import Adopt
from catalog.declare.appeal import Appeal
from catalog.declare.ask import Ask
from catalog.declare.call import CallKind
from catalog.declare.claim import Claim
from catalog.declare.correct import Correct
from catalog.declare.experience import Told
from catalog.declare.help import Help
from catalog.declare.kinds import Kind
from catalog.declare.register import Register
from catalog.declare.report import Report
from catalog.declare.support import Support
from catalog.declare.withdraw import Withdraw

CALLS = CallKind()
_OF_PROJECT = (Claim(), Correct(), Register(), Report(), Help())
_OF_USE = (Adopt(), Withdraw(), Told(), Ask())
KINDS: Mapping[str, Kind] = {one.kind: one for one in (*_OF_PROJECT, *_OF_USE, CALLS, Support(), Appeal())}
