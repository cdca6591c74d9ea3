"""Every address of the site but the first ones (`forge.first_routes`): pages, forms, and addresses for programs, each
with its handler in `forge.web` and the name of its rule in `catalog.rules.permissions` and of its limit. `forge.app`
wraps the handlers (language, rights, counting).
"""

from starlette.routing import Route

from catalog.rules.decision import ORGANIZATION, PROJECT
from forge.web.account import api_tokens, follows, oidc, sign_in
from forge.web.account import views as account_views
from forge.web.api.resources.routes import ROUTES as API_ROUTES
from forge.web.calls import manage, received, support
from forge.web.calls import views as call_views
from forge.web.code import git_http, raw
from forge.web.code import views as code_views
from forge.web.compare import print_sheet
from forge.web.compare import views as compare_views
from forge.web.core import metrics
from forge.web.desk import (
    licenses as web_desk_licenses,
)
from forge.web.desk import (
    log,
    log_entries,
    matched_records,
    merges,
    queue,
    submissions,
)
from forge.web.desk import (
    peers as web_desk_peers,
)
from forge.web.desk import (
    records as web_desk_records,
)
from forge.web.exports import embeds, public_dump
from forge.web.exports import views as export_views
from forge.web.federation import feed_files, peers, translation_offers
from forge.web.feeds import collections, project_requests, single
from forge.web.opencatalog import analysis, events
from forge.web.opencatalog import resources as opencatalog_resources
from forge.web.organizations import countries
from forge.web.organizations import views as organization_views
from forge.web.ownership import (
    maintainer_page,
    push_webhooks,
    representatives,
    unlisting,
    verification,
)
from forge.web.projects import license_pages, screenshots
from forge.web.projects import views as project_views
from forge.web.search import views as search_views
from forge.web.site import api_help, content_pages, crawlers, readiness, style_guide
from forge.web.submissions import (
    adoption as submission_adoption,
)
from forge.web.submissions import (
    adoption_reconfirmation,
    appeal,
    contributors,
    correction,
    detected_adoptions,
    experience,
    network_vouching,
    obstacle,
    question,
    registration,
    status_page,
)

# fmt: off
PAGES = [  # below /{language}
    ("/projects",                    search_views.find_page,             "find"),
    ("/projects/filters",            search_views.filters_page,            "filters"),
    ("/projects/{slug}",             project_views.project_page,              "project"),
    ("/projects/{slug}/users",       project_views.adopters_page,             "adopters"),
    ("/projects/{slug}/facts",       project_views.facts_page,             "facts"),
    ("/projects/{slug}/history",     project_views.history_page,           "history"),
    ("/projects/{slug}/sheet",       print_sheet.project_sheet,              "sheet"),
    *code_views.PAGES,
    *project_requests.PAGES,
    *received.PAGES,
    *call_views.PAGES,
    *support.PAGES,
    *manage.PAGES,
    *obstacle.PAGES,
    *experience.PAGES,
    *question.PAGES,
    *submission_adoption.PAGES,
    *contributors.PAGES,
    ("/compare",                     compare_views.compare_page,               "compare"),
    ("/compare/sheet",               print_sheet.comparison_sheet,             "sheet-compared"),
    ("/domains",                     content_pages.categories_page,              "domains"),
    ("/domains/{term}",              content_pages.category_page,               "domain"),
    ("/collections/{slug}",          content_pages.collection_page,           "collection"),
    ("/organizations",               organization_views.organizations_page,       "organizations"),
    ("/organizations/{slug}",        organization_views.organization_page,         "organization"),
    ("/organizations/{slug}/uses",   organization_views.adoptions_page,         "organization-adoptions"),
    ("/organizations/{slug}/projects", organization_views.contributions_page,       "organization-projects"),
    ("/places",                      countries.countries_page,            "countries"),
    ("/places/{country}",            countries.country_page,                "country"),
    ("/places/{country}/{region}",   countries.country_page,                "region"),
    ("/about",                       content_pages.about,                "about"),
    ("/site-map",                    content_pages.site_map_page,             "site-map"),
    ("/statistics",                  content_pages.statistics_page,           "statistics"),
    ("/about/components",            style_guide.style_guide_page,            "components"),
    ("/about/alveole",               content_pages.alveole,              "alveole"),
    *peers.PAGES,
    ("/legal",                       content_pages.legal_page,                "legal"),
    ("/accessibility",               content_pages.accessibility_page,        "accessibility"),
    ("/help",                        content_pages.help_page,            "help"),
    ("/help/licenses",               license_pages.licenses_page,          "licenses"),
    ("/help/licenses/{id}",          license_pages.license_page,              "license"),
    ("/help/ready",                  readiness.readiness_page,                "readiness"),
    *api_help.PAGES,
    ("/help/{name}",                 content_pages.guide_page,                "guide"),
    ("/register",                    registration.start,             "registration"),
    ("/register/{token}",            registration.registration_page,              "registration-draft"),
    ("/register/{token}/{step}",     registration.question,          "registration-question"),
    ("/sign-in",                     sign_in.sign_in_page,               "sign-in"),
    ("/sign-in/sent",                sign_in.sent_page,               "sign-in-sent"),
    ("/sign-in/network",             oidc.begin_sign_in,              "network"),
    ("/sign-in/{token}",             sign_in.link_page,               "sign-in-link"),
    ("/declarations/{token}",        status_page.status_page,          "submission-status"),
    ("/projects/{slug}/correct",     correction.project,            "correction"),
    ("/organizations/{slug}/correct", correction.organization,      "correction-organization"),
    ("/projects/{slug}/claim",       verification.project,              "verification"),
    ("/organizations/{slug}/claim",  verification.organization,         "verification-organization"),
    ("/proofs/{nonce}",              verification.verification_page,                 "verification-page"),
    ("/projects/{slug}/keep",        maintainer_page.maintainer_page,                  "maintainer-page"),
    ("/projects/{slug}/listing",     unlisting.unlisting_page,               "unlisting"),
    ("/projects/{slug}/reported",    detected_adoptions.detected_adoptions_page,              "detected-adoptions"),
    ("/invitations/{token}",         detected_adoptions.invitation,        "detected-adoptions-invitation"),
    ("/projects/{slug}/hooks",       push_webhooks.push_webhook_page,                 "push-webhooks"),
    ("/follow",                      follows.follow_page,               "follow"),
    ("/follow/sent",                 follows.follow_sent_page,               "follow-sent"),
    ("/follow/{token}",              follows.confirm_page,               "follow-link"),
    ("/off/{token}",                 follows.unsubscribe_page,           "unsubscribe"),
    ("/still/{token}",               adoption_reconfirmation.reconfirmation_page, "adoption-reconfirmation"),
    ("/organizations/{slug}/vouch",  network_vouching.vouching_page,              "network-vouching"),
    *representatives.PAGES,
    ("/me",                          account_views.account_page,                    "account"),
    *api_tokens.PAGES,
    ("/me/delete",                   account_views.delete_page,                     "account-delete"),
    ("/me/data.json",                account_views.download_data,                    "account-data"),
    *queue.PAGES,
    *submissions.PAGES,
    *merges.PAGES,
    *matched_records.PAGES,
    *translation_offers.PAGES,
    *appeal.PAGES,
    *log_entries.PAGES,
    *web_desk_licenses.PAGES,
    *web_desk_peers.PAGES,
    *web_desk_records.PAGES,
    ("/log",                         log.log_page,                   "log"),
]
FORMS = [  # what a press sends, below /{language}; each answers with a page or leads on
    *call_views.FORMS,
    *support.FORMS,
    *manage.FORMS,
    *obstacle.FORMS,
    *experience.FORMS,
    *question.FORMS,
    ("/register",                    registration.begin,             "registration-begin"),
    ("/register/{token}",            registration.press,             "registration-press"),
    ("/register/{token}/{step}",     registration.answer,            "registration-answer"),
    ("/sign-in",                     sign_in.send_link,               "sign-in-send"),
    ("/sign-in/{token}",             sign_in.use_link,                "sign-in-use"),
    ("/sign-out",                    sign_in.sign_out,                "sign-out"),
    ("/declarations/{token}",        status_page.change,        "submission-status-change"),
    ("/projects/{slug}/correct",     correction.send_project,       "correction-send"),
    ("/organizations/{slug}/correct", correction.send_organization, "correction-send"),
    ("/projects/{slug}/claim",       verification.begin_project,        "verification-begin"),
    ("/organizations/{slug}/claim",  verification.begin_organization,   "verification-begin"),
    ("/proofs/{nonce}",              verification.look,                 "verification-look"),
    ("/projects/{slug}/keep",        maintainer_page.change,                "maintainer-page-change"),
    ("/projects/{slug}/answers",     maintainer_page.end_answer,            "maintainer-reply-end"),
    ("/projects/{slug}/listing",     unlisting.send,               "unlisting-send"),
    ("/projects/{slug}/reported",    detected_adoptions.add,               "detected-adoptions-add"),
    ("/projects/{slug}/reported/{number}", detected_adoptions.invite,      "detected-adoptions-invite"),
    ("/invitations/{token}",         detected_adoptions.answer,            "detected-adoptions-answer"),
    *submission_adoption.FORMS,
    *contributors.FORMS,
    ("/projects/{slug}/hooks",       push_webhooks.make,                 "push-webhook-make"),
    ("/projects/{slug}/advisory",    push_webhooks.advise,               "advisory-send"),
    ("/follow",                      follows.begin_follow,               "follow-send"),
    ("/follow/{token}",              follows.turn_on,            "follow-confirm"),
    ("/off/{token}",                 follows.unsubscribe,          "unsubscribe-press"),
    ("/still/{token}",               adoption_reconfirmation.answer, "adoption-reconfirmation-answer"),
    ("/organizations/{slug}/vouch",  network_vouching.send,              "network-vouching-send"),
    ("/organizations/{slug}/vouch/back", network_vouching.take_back,     "network-vouching-back"),
    *representatives.FORMS,
    ("/me",                          account_views.change_account,                  "account-change"),
    *api_tokens.FORMS,
    ("/me/delete",                   account_views.delete_account,                  "account-deleted"),
    *submissions.FORMS,
    *merges.FORMS,
    *matched_records.FORMS,
    *translation_offers.FORMS,
    *appeal.FORMS,
    *log_entries.FORMS,
    *web_desk_licenses.FORMS,
    *web_desk_peers.FORMS,
    *web_desk_records.FORMS,
]
MACHINE_ROUTES = [
    Route("/metrics",                metrics.metrics_page,               name="metrics"),
    *API_ROUTES,
    *feed_files.ROUTES,
    *collections.ROUTES,
    *single.ROUTES,
    *project_requests.ROUTES,
    *export_views.ROUTES,
    *crawlers.ROUTES,
    *embeds.ROUTES,
    *follows.ROUTES,
    *push_webhooks.ROUTES,
    *oidc.ROUTES,
    *peers.ROUTES,
    *code_views.ROUTES,
    *screenshots.ROUTES,
    *raw.ROUTES,
    *git_http.ROUTES,
    *public_dump.ROUTES,
    *opencatalog_resources.ROUTES,
    *analysis.ROUTES,
    *events.ROUTES,
    *events.UNKNOWN,
]
# fmt: on
DRAWN = {
    PROJECT: project_views.project_page,
    ORGANIZATION: organization_views.organization_page,
}  # the page of a record, also as it would be
