"""What somebody with bad intent tried with the pages of what people submit, and what these must not do."""

from datetime import timedelta

from support.factories.core import NOW

from tests.submissions.test_adoption_pages import HOW, client, link_of, sent, site  # noqa: F401  fixtures


def seen_of(text):
    return text.partition('name="seen" value="')[2].partition('"')[0]


def test_who_opens_the_link_reads_what_the_press_sends_and_no_later_text_goes_out_regression(client, site):  # noqa: F811
    at = sent(client).replace("/declarations/", "/projects/galette/declare/")
    link = f"/en/sign-in/{link_of(site.state.store)}"
    page = client.get(link)
    assert "Nos adhérents" in page.text and page.headers["cache-control"] == "private, no-store"
    site.state.clock = lambda: NOW + timedelta(minutes=1)
    client.post(f"{at}/how", data=HOW | {"purpose": "Something vile"})  # whoever typed it holds the draft's own link
    seen = seen_of(page.text)
    answer = client.post(link, data={"seen": seen})
    assert answer.status_code == 409 and "Something vile" in answer.text and "read it again" in answer.text
    assert "Something vile" not in client.get("/en/projects/galette").text
    assert client.post(link, data={"seen": seen_of(answer.text)}).status_code == 303
