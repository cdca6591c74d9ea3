"""How one can leave a project, as far as it is known without its makers: others who host it, the copies of its code.
Pure.

The archive of Software Heritage is linked to by the address that it documents for an origin.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from catalog.model import Project
from catalog.publication.model import PublicProject
from catalog.store.core.read_models import OrganizationCard

# https://docs.softwareheritage.org/devel/swh-web/uri-scheme-browse-origin.html
# Linked to and never requested: whether it has a repository changes without us, and a page must not wait for it.
_SOFTWARE_HERITAGE = "https://archive.softwareheritage.org/browse/origin/directory/?origin_url="
# Its list of GitHub holds addresses without .git; other forges are listed by the address that is cloned.
_HOST_WITHOUT_GIT_SUFFIX = "github.com"


@dataclass(frozen=True)
class ExitOptions:
    """Ways to leave, as far as known; `copied_at`: when our copy of its code was last brought up to date."""

    hosts: tuple[OrganizationCard, ...]
    self_hosted: str | None
    standards: tuple[str, ...]  # that it follows, where the record says nothing about leaving
    state: str | None  # of our copy
    copied_at: datetime | None
    heritage: str | None  # where the archive keeps it, if it does

    @property
    def any(self) -> bool:
        """Whether anything is known of this project: the archive is linked to for each, seen or not."""
        return bool(self.hosts or self.self_hosted or self.standards or self.copied_at)


def exit_options(page: PublicProject, project: Project) -> ExitOptions:
    mirror, standards = page.mirror, project.leaving.standards if project.leaving else ()
    return ExitOptions(
        hosts=page.hosts,
        self_hosted=project.runs.self_hosted if project.runs else None,
        standards=() if standards else project.standards,
        state=mirror.state if mirror else None,
        copied_at=mirror.last_success_at if mirror else None,
        heritage=software_heritage_url(project.repository),
    )


def software_heritage_url(repository: str | None) -> str | None:
    """The page of the archive for a repository; None for an address that it cannot have visited.

    >>> software_heritage_url("https://github.com/galette/galette.git")
    'https://archive.softwareheritage.org/browse/origin/directory/?origin_url=https://github.com/galette/galette'
    """
    if not repository or not repository.startswith("https://"):
        return None
    address = repository.removesuffix("/")
    if urlsplit(address).hostname == _HOST_WITHOUT_GIT_SUFFIX:
        address = address.removesuffix(".git")
    return _SOFTWARE_HERITAGE + quote(address, safe=":/")
