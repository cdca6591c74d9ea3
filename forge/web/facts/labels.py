"""Labels of parts of facts, in words that a treasurer understands; those of fields stand in `catalog.rules.fields`."""

from catalog.sentences import mark

POLICY_LABELS = {
    "contributing": mark("Contribution guide"),
    "code_of_conduct": mark("Code of conduct"),
    "security": mark("Security policy"),
    "funding": mark("Donations"),
    "accessibility": mark("Accessibility statement"),
    "changelog": mark("Release notes"),
    "citation": mark("How to cite it"),
    "authors": mark("Authors"),
    "maintainers": mark("Maintained by"),
    "codeowners": mark("Code owners"),
    "mailmap": mark("Names of the same person"),
}
# Words of publiccode.yml, which our vocabularies do not hold.
PUBLICCODE_LABELS = {
    "concept": mark("Concept"),
    "development": mark("In development"),
    "beta": mark("Beta"),
    "stable": mark("Stable"),
    "obsolete": mark("No longer maintained"),
    "standalone/mobile": mark("Mobile app"),
    "standalone/iot": mark("Embedded software"),
    "standalone/desktop": mark("Desktop application"),
    "standalone/web": mark("Web application"),
    "standalone/backend": mark("Server software"),
    "standalone/other": mark("Other kind of software"),
    "addon": mark("Add-on"),
    "library": mark("Library"),
    "configurationFiles": mark("Configuration for other software"),
}
# Who said that somebody helps with a project, where it was said here.
SAID_BY_LABELS = {
    "organization": mark("stated by the organization"),
    "project": mark("stated by its maintainers"),
    "person": mark("stated by the person"),
    "desk": mark("declared and reviewed by a moderator"),
}
