"""The nine steps from software of one's own to software that others reuse, and the lines of `forge ready`, in words.

Sentences are msgids, translated where they are shown. Examples are files and commands, the same in every language.
"""

from dataclasses import dataclass

from catalog.sentences import mark


@dataclass(frozen=True)
class CheckLine:
    """One thing that others need. `optional`: good to have, and nothing is missing without it."""

    title: str
    why: str
    how: str
    example: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Step:
    """`check` is answered by yes or no; `how` is for those who answer no. `lines` are keys of LINES."""

    slug: str
    title: str
    check: str
    why: str
    how: str
    lines: tuple[str, ...]


LINES = {
    "rights": CheckLine(
        mark("Who holds the rights"),
        mark("Only those who hold the rights can make it free software. No file can prove who they are."),
        mark(
            "List who wrote it: employees, members, volunteers, providers. Ask each of them, or whoever paid them, to "
            "agree in writing."
        ),
        "Copyright 2026 The Example Cooperative",
    ),
    "secrets": CheckLine(
        mark("A history without keys and passwords"),
        mark("What was written once stays in the history for everybody, also after it was deleted from the files."),
        mark(
            "Let the command read the whole history on your own machine. Replace every key that it finds: a key that "
            "was shown is no secret any more. Then publish a new history without it."
        ),
        "forge ready . --history",
    ),
    "personal": CheckLine(
        mark("A history without personal data"),
        mark("Members, donors and employees did not agree to be published. The law protects them."),
        mark(
            "Let the command look for addresses, account numbers and lists of members. Put invented people in their "
            "place, and publish a new history."
        ),
        "forge ready . --history",
    ),
    "license": CheckLine(
        mark("A free licence"),
        mark("Without a licence nobody may use or change it, even when everybody can read it."),
        mark("Choose a licence that OSI or FSF calls free, and put its whole text into a file LICENSE."),
        "LICENSE:  GNU AFFERO GENERAL PUBLIC LICENSE, Version 3 ...",
    ),
    "declared": CheckLine(
        mark("The licence said the same everywhere"),
        mark("Two places that say two things make lawyers say no."),
        mark("Write the same SPDX name in every file that names a licence."),
        "license = \"AGPL-3.0-or-later\"",
    ),
    "readme": CheckLine(
        mark("A README"),
        mark("It is the first thing that people see: what it does, for whom, and what it looks like."),
        mark("Write one page: what it lets people do, who uses it, how to try it, whom to ask."),
        "README.md",
    ),
    "second-language": CheckLine(
        mark("A README in a second language"),
        mark("A group in another country finds it only in words that it knows."),
        mark("Translate the README and put its language into the name of the file."),
        "README.fr.md",
    ),
    "publiccode": CheckLine(
        mark("A publiccode.yml that can be read"),
        mark("Catalogues read this file, so that you describe your software once and not in each of them."),
        mark("Let the command write a first one. Fill in the marked lines and put it at the top of the repository."),
        "forge ready . --write .",
    ),
    "install": CheckLine(
        mark("How to install it"),
        mark("Whoever cannot try it within an hour goes away."),
        mark("Write down every step on a new machine, and let somebody else follow them."),
        "INSTALL.md",
    ),
    "release": CheckLine(
        mark("A release"),
        mark("Others need to know which state works, and what changes with the next one."),
        mark("Give a state that works a number, as a tag of git, and say in a file CHANGELOG what changed."),
        "git tag -a v1.0 -m \"First release\"",
    ),
    "repository": CheckLine(
        mark("A public address"),
        mark("Free software that nobody can fetch helps nobody."),
        mark(
            "Publish the repository where people can read it and report problems without an account of a company, if "
            "you can."
        ),
        "https://git.example.org/cooperative/tool",
    ),
    "accessibility": CheckLine(
        mark("An accessibility statement"),
        mark("Groups must know whether all of their members can use it. Public bodies must ask."),
        mark("Say what you tested, with whom, and what does not work yet."),
        "ACCESSIBILITY.md",
    ),
    "screens": CheckLine(
        mark("Screens in several languages"),
        mark("People use it in their own language, or not at all."),
        mark("Move the sentences of the screens out of the code into files for translators."),
        "locale/fr/LC_MESSAGES/app.po",
    ),
    "contributing": CheckLine(
        mark("A guide for those who want to help"),
        mark("Others help when they know how: whom to ask, what to send, who decides."),
        mark("Write how to report a problem, how to propose a change, and how long an answer takes."),
        "CONTRIBUTING.md",
    ),
    "security": CheckLine(
        mark("A contact for security"),
        mark("Whoever finds a hole must be able to tell you before everybody else knows."),
        mark("Name an address of your organization, not of a person, and say how fast you answer."),
        "SECURITY.md",
    ),
    "conduct": CheckLine(
        mark("A code of conduct"),
        mark("It says what everybody may expect, and whom to tell when something goes wrong."),
        mark("Take one that others use, and name who reads the complaints."),
        "CODE_OF_CONDUCT.md",
        optional=True,
    ),
    "answers": CheckLine(
        mark("Who answers questions"),
        mark("A group that depends on it asks first: who is there, and for how long?"),
        mark("Agree who answers, in how many hours a week, and say it in the README."),
        "README.md",
    ),
    "adopter": CheckLine(
        mark("A second organization that uses it"),
        mark("With a second user it is no longer only yours: costs are shared, and it outlives one of you."),
        mark("Look for a group with the same need, help it to install, and write down what was missing."),
        "ADOPTERS.md",
    ),
}  # fmt: skip

STEPS = (
    Step(
        "rights",
        mark("Clear the rights"),
        mark("Has everybody who holds rights in it agreed in writing?"),
        mark(
            "Those who wrote it, their employers or the clients who paid may hold rights. One of them who says no "
            "later can stop everything."
        ),
        mark(
            "Read the contracts with clients and employees. Where they say nothing, ask for a letter of one sentence: "
            "we agree that this software is published under this licence."
        ),
        ("rights",),
    ),
    Step(
        "secrets",
        mark("Take out the secrets"),
        mark("Is the whole history free of passwords and keys?"),
        mark("Programs search public code for keys day and night. They use one within minutes."),
        mark(
            "Let the command look on your own machine: nothing is sent anywhere. Replace what it finds. If the history"
            " is full of it, begin a new one."
        ),
        ("secrets",),
    ),
    Step(
        "personal",
        mark("Take out personal data"),
        mark("Is the whole history free of data about real people?"),
        mark(
            "Real members often stand in test data and in copies of a database. To publish them harms them and breaks "
            "the law."
        ),
        mark(
            "Let the command look. Its list is a help and no proof: look yourself into tables, pictures and old "
            "copies."
        ),
        ("personal",),
    ),
    Step(
        "license",
        mark("Choose the licence"),
        mark("Does a file LICENSE hold the text of one free licence?"),
        mark("The licence says what others may do, and whether changed copies must stay free too."),
        mark(
            "Decide together whether those who change it must share their changes. Look also at the licences of what "
            "you built on."
        ),
        ("license", "declared"),
    ),
    Step(
        "words",
        mark("Say what it is"),
        mark("Can a treasurer read in five minutes what it does and how to try it?"),
        mark("People look for what they need to do, not for a name. Catalogues need a file that programs can read."),
        mark("Write a README for people, in two languages, and a publiccode.yml for catalogues."),
        ("readme", "second-language", "publiccode", "install"),
    ),
    Step(
        "publication",
        mark("Publish"),
        mark("Can anybody fetch a numbered release without asking you?"),
        mark("What is only promised cannot be tried. A number lets people say which one they use."),
        mark("Put the repository in a public place, give it a first number, and write what it can do."),
        ("repository", "release"),
    ),
    Step(
        "everybody",
        mark("Open it to everybody"),
        mark("Do you know who cannot use it today, and do you say so?"),
        mark("A group leaves nobody out. What one member cannot read or press, the group cannot use."),
        mark(
            "Try it with a keyboard alone and with a screen reader. Say honestly what is missing. Make the screens "
            "ready for translation."
        ),
        ("accessibility", "screens"),
    ),
    Step(
        "people",
        mark("Agree who answers"),
        mark("Does everybody know whom to ask, and who decides?"),
        mark("Publishing brings questions. Without an agreement one person answers all of them, then nobody."),
        mark("Write a guide for those who help, name a contact for security, and share out the hours."),
        ("contributing", "security", "conduct", "answers"),
    ),
    Step(
        "adopter",
        mark("Find the second organization"),
        mark("Does another organization use it, without your help every day?"),
        mark("Only then is it a common good: others know it, pay for it, and can take it over."),
        mark("Tell networks that have the same need. Help the first one who tries, and mend what stopped them."),
        ("adopter",),
    ),
)  # fmt: skip
