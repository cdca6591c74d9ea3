"""Why a mirror is not up to date, in the sentences of `forge.git`, listed to be translated. Nothing reads it.

A reason that is not here is shown in English and labelled so.
"""

from forge.languages import mark

REASONS = (
    mark("Mirrors wait: this machine needs git 2.42 or newer."),
    mark("The download broke off."),
    mark("The address redirects to something that is not a repository."),
    mark("The repository has no commits yet."),
    mark("Another visit is under way."),
    mark("There is no repository at this address."),
    mark("The origin asks for a password: the repository is private, or gone."),
    mark("The host does not answer in time."),
    mark("The origin is overloaded or broken."),
    mark("The address answers, but not as a git repository."),
    mark("The catalogue could not write its copy."),
    mark("The origin answers with an error."),
    mark("The origin's list of branches cannot be understood."),
    mark("Too large for the first round: nothing failed, it waits until the small ones are done."),
    mark("The origin did not send what it names."),
    mark("Most of the origin vanished. The last good state stays until a maintainer decides."),
    mark("Some branches or tags could not be shown; their commits are kept."),
)
