"""Every address of a project's code: pages below a language, bytes, feeds and clones."""

from starlette.routing import Route

from forge.git import http_backend
from forge.web.code import (
    archives,
    blame_page,
    cite_page,
    commit_pages,
    compare_pages,
    file_page,
    git_http,
    history_page,
    raw,
    search_page,
    views,
)

CODE = "/projects/{slug}/code"
PAGES = [  # below /{language}
    (CODE, views.overview, "code"),
    (CODE + "/tree/{rest:path}", views.tree, "code-tree"),
    (CODE + "/blob/{rest:path}", file_page.blob, "code-blob"),
    (CODE + "/log/{rest:path}", history_page.log, "code-log"),
    (CODE + "/commit/{id}", commit_pages.commit, "code-commit"),
    (CODE + "/refs", views.refs, "code-refs"),
    (CODE + "/blame/{rest:path}", blame_page.blame_lines, "code-blame"),
    (CODE + "/cite/{rest:path}", cite_page.cite, "code-cite"),
    (CODE + "/search", search_page.search_code, "code-search"),
    (CODE + "/compare/{rest:path}", compare_pages.compare, "code-compare"),
]
ROUTES = [
    Route("/projects/{slug}/raw/{rest:path}", raw.raw_file, name="raw"),
    Route("/projects/{slug}/archive/{rest:path}", archives.archive_of, name="archive"),
    Route("/git/{slug}.git/info/refs", git_http.info_refs, name="info-refs"),
    Route(
        "/git/{slug}.git/git-upload-pack",
        git_http.upload_pack,
        methods=["POST"],
        name="upload-pack",
        max_body_size=http_backend.BODY_BYTES,
    ),
]
