"""The help page of the nine steps: each with its question, why, how, and what the command tells of it."""

import pytest
from support.world import a_client, a_filled_site

from forge.i18n.languages import page_language
from forge.readiness.steps import LINES, STEPS


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("site")) as app:
        yield a_client(app)


@pytest.mark.parametrize("tag", ["en", "fr"])
def test_the_page_holds_nine_steps_with_question_why_how_and_lines(client, tag):
    text, say = client.get(f"/{tag}/help/ready").text, page_language(tag).gettext
    for number, step in enumerate(STEPS, 1):
        part = text.partition(f'<h2 id="{step.slug}">{number}. ')[2].partition("</section>")[0]
        for sentence in (step.title, step.check, step.why, step.how, *(LINES[name].title for name in step.lines)):
            assert say(sentence).replace("'", "&#39;") in part, sentence
        assert f'href="#{step.slug}"' in text


def test_the_help_leads_to_it(client):
    assert 'href="/fr/help/ready"' in client.get("/fr/help").text


def test_no_sentence_of_the_steps_is_longer_than_a_reader_holds():
    every = [text for step in STEPS for text in (step.check, step.why, step.how)]
    every += [text for line in LINES.values() for text in (line.why, line.how)]
    sentences = [sentence for text in every for sentence in text.replace(":", ".").replace("?", ".").split(". ")]
    assert [sentence for sentence in sentences if len(sentence.split()) > 20] == []
