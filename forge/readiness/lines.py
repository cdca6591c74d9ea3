"""What others need before they can reuse software, in words: what files show, and what only people can tell.

Sentences are msgids, translated where they are shown. Examples are files and commands, the same in every language.
"""

from dataclasses import dataclass

from catalog.sentences import mark


@dataclass(frozen=True)
class Line:
    """One thing that others need. `optional`: good to have, and nothing is missing without it."""

    title: str
    why: str
    how: str
    example: str = ""
    optional: bool = False


IN_FILES = {
    "license": Line(
        mark("A free licence"),
        mark("Without a licence nobody may use or change it, even when everybody can read it."),
        mark("Choose a licence that OSI or FSF calls free, and put its whole text into a file LICENSE."),
        "LICENSE:  GNU AFFERO GENERAL PUBLIC LICENSE, Version 3 ...",
    ),
    "declared": Line(
        mark("The licence said the same everywhere"),
        mark("If two files name different licences, lawyers say no."),
        mark("Write the same SPDX name in every file that names a licence."),
        'license = "AGPL-3.0-or-later"',
    ),
    "readme": Line(
        mark("A README"),
        mark("It is the first thing that people see: what it does, for whom, and what it looks like."),
        mark("Write one page: what it lets people do, who uses it, how to try it, whom to ask."),
        "README.md",
    ),
    "second-language": Line(
        mark("A README in a second language"),
        mark("A group in another country finds it only in words that it knows."),
        mark("Translate the README and put its language into the name of the file."),
        "README.fr.md",
    ),
    "publiccode": Line(
        mark("A publiccode.yml that can be read"),
        mark("Catalogues read this file, so that you describe your software once and not in each of them."),
        mark("Download a first one from the page of your software in a catalogue, and put it into the top folder."),
        "publiccode.yml",
    ),
    "install": Line(
        mark("How to install it"),
        mark("People who cannot try it within an hour give up."),
        mark("Write down every step on a new machine, and let somebody else follow them."),
        "INSTALL.md",
    ),
    "release": Line(
        mark("A release"),
        mark("Others need to know which state works, and what changes with the next one."),
        mark("Give a state that works a number, as a tag of git, and say in a file CHANGELOG what changed."),
        'git tag -a v1.0 -m "First release"',
    ),
    "accessibility": Line(
        mark("An accessibility statement"),
        mark("Groups must know whether all of their members can use it. Public bodies must ask."),
        mark("Say what you tested, with whom, and what does not work yet."),
        "ACCESSIBILITY.md",
    ),
    "screens": Line(
        mark("Screens in several languages"),
        mark("People use it in their own language, or not at all."),
        mark("Move the sentences of the screens out of the code into files for translators."),
        "locale/fr/LC_MESSAGES/app.po",
    ),
    "contributing": Line(
        mark("A guide for those who want to help"),
        mark("Others help when they know how: whom to ask, what to send, who decides."),
        mark("Write how to report a problem, how to propose a change, and how long an answer takes."),
        "CONTRIBUTING.md",
    ),
    "security": Line(
        mark("A contact for security"),
        mark("Whoever finds a hole must be able to tell you before everybody else knows."),
        mark("Name an address of your organization, not of a person, and say how fast you answer."),
        "SECURITY.md",
    ),
    "conduct": Line(
        mark("A code of conduct"),
        mark("It says what everybody may expect, and whom to tell when something goes wrong."),
        mark("Take one that others use, and name who reads the complaints."),
        "CODE_OF_CONDUCT.md",
        optional=True,
    ),
}
FOR_PEOPLE = (
    Line(
        mark("Who holds the rights"),
        mark("Only those who hold the rights can make it free software. No file can prove who they are."),
        mark(
            "List who wrote it: employees, members, volunteers, providers. Ask each of them, or whoever paid them, to "
            "agree in writing."
        ),
    ),
    Line(
        mark("A history without keys and passwords"),
        mark("What was written once stays in the history for everybody, also after it was deleted from the files."),
        mark("Search the whole history with gitleaks on your own machine, and replace every key that it finds."),
        "gitleaks git .",
    ),
    Line(
        mark("A history without personal data"),
        mark("Members, donors and employees did not agree to be published. The law protects them."),
        mark("Look into test data, tables, pictures and old copies, and put invented people in their place."),
    ),
    Line(
        mark("A public address"),
        mark("Free software that nobody can fetch helps nobody."),
        mark(
            "Publish the repository where people can read it and report problems without an account of a company, if "
            "you can."
        ),
    ),
    Line(
        mark("Who answers questions"),
        mark("A group that depends on it asks first: who is there, and for how long?"),
        mark("Agree who answers, in how many hours a week, and say it in the README."),
    ),
    Line(
        mark("A second organization that uses it"),
        mark("With a second user it is no longer only yours: costs are shared, and it outlives one of you."),
        mark("Look for a group with the same need, help it to install, and write down what was missing."),
    ),
)
