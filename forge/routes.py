"""Every address of the site with its handler in `forge.web`. The first row that matches answers: addresses for programs
stand before pages, whose first part is a language.

`forge.app` wraps the handlers of pages and forms, by the name of their route: its rule in `catalog.rules.permissions`,
its limit in `forge.web.core.rate_limits`. The routes of the two interfaces stand beside their descriptions.
"""

from starlette.routing import Route

from forge.web.account import api_tokens, follows, oidc, sign_in
from forge.web.account import views as account_views
from forge.web.api.resources.routes import ROUTES as API_ROUTES
from forge.web.calls import manage as call_manage
from forge.web.calls import views as call_views
from forge.web.code import routes as code_routes
from forge.web.compare import sheet_pages
from forge.web.compare import views as compare_views
from forge.web.core import assets
from forge.web.desk import collections as desk_collections
from forge.web.desk import curation as desk_curation
from forge.web.desk import erasing as desk_erasing
from forge.web.desk import groups as desk_groups
from forge.web.desk import health as desk_health
from forge.web.desk import log as desk_log
from forge.web.desk import log_entries
from forge.web.desk import merges as desk_merges
from forge.web.desk import peers as desk_peers
from forge.web.desk import people as desk_people
from forge.web.desk import queue as desk_queue
from forge.web.desk import records as desk_records
from forge.web.desk import submissions as desk_submissions
from forge.web.exports import badge
from forge.web.exports import views as export_views
from forge.web.federation import exchange_files, peers
from forge.web.feeds import changes as change_feeds
from forge.web.feeds import collections as collection_feeds
from forge.web.monitoring import health, metrics
from forge.web.opencatalog import resources as opencatalog_resources
from forge.web.organizations import countries, help_offers
from forge.web.organizations import views as organization_views
from forge.web.ownership import management, pictures, unlisting, verification
from forge.web.projects import license_guide, license_page, screenshots
from forge.web.projects import views as project_views
from forge.web.search import views as search_views
from forge.web.site import api_help, content_pages, crawlers, home, readiness
from forge.web.submissions import (
    adoption,
    adoption_reconfirmation,
    adoption_removal,
    contributors,
    correction,
    experience,
    obstacle,
    question,
    registration,
    status_page,
)

# fmt: off
ROUTES = [
    Route("/static/{name}",                            assets.asset_file,                     name="static"),
    Route("/livez",                                    health.alive,                          name="livez"),
    Route("/readyz",                                   health.ready,                          name="readyz"),
    Route("/metrics",                                  metrics.metrics_page,                  name="metrics"),
    Route("/robots.txt",                               crawlers.robots_txt,                   name="robots"),
    Route("/.well-known/security.txt",                 crawlers.security_txt,                 name="security-txt"),
    Route("/sitemap.xml",                              crawlers.sitemap_index,                name="sitemap"),
    Route("/sitemap/{part}.xml",                       crawlers.sitemap_part,                 name="sitemap-part"),
    Route("/projects/{slug}/pictures/{name}",          screenshots.screenshot_image,          name="picture"),
    Route("/organizations/{slug}/pictures/{name}",     screenshots.organization_image,        name="logo"),
    *code_routes.ROUTES,
    Route("/feeds/projects.atom",                      collection_feeds.projects_feed,        name="projects-feed"),
    Route("/feeds/projects/{slug}.atom",               change_feeds.project_feed,             name="feed"),
    Route("/feeds/calls.atom",                         change_feeds.calls_feed,               name="calls-feed"),
    Route("/export",                                   export_views.export_index,             name="export"),
    Route("/export/{name}",                            export_views.catalogue_export,         name="export-whole"),
    Route("/export/projects/{slug}/{name}",            export_views.project_export,           name="export-project"),
    Route("/badge/{slug}.svg",                         badge.badge,                           name="badge"),
    Route("/off/{token}",                              follows.one_click,                     name="off-one-click",
          methods=["POST"]),
    Route("/sign-in/back",                             oidc.finish_sign_in,                   name="network-back"),
    Route("/exchange",                                 exchange_files.key_address,            name="exchange-told"),
    Route("/exchange/metadata/{name}",                 exchange_files.metadata,               name="exchange-metadata",
          methods=["GET", "OPTIONS"]),
    Route("/exchange/targets/{path:path}",             exchange_files.target,                 name="exchange-target",
          methods=["GET", "OPTIONS"]),
    Route("/exchange/mirror/{instance}/{path:path}",   exchange_files.mirrored,               name="mirror"),
    *API_ROUTES,
    *opencatalog_resources.ROUTES,
    *opencatalog_resources.UNKNOWN,
]
PAGES = [  # below /{language}; what everybody or somebody may read
    ("/",                                     home.home_page,                            "home"),
    ("/projects",                             search_views.find_page,                    "find"),
    ("/projects/filters",                     search_views.filters_page,                 "filters"),
    ("/projects/{slug}",                      project_views.project_page,                "project"),
    ("/projects/{slug}/users",                project_views.adopters_page,               "adopters"),
    ("/projects/{slug}/facts",                project_views.facts_page,                  "facts"),
    ("/projects/{slug}/history",              project_views.history_page,                "history"),
    ("/projects/{slug}/license",              license_page.license_page,                 "project-license"),
    *code_routes.PAGES,
    ("/projects/{slug}/follow",               follows.follow_page,                       "follow"),
    ("/projects/{slug}/blocks",               obstacle.ask,                              "obstacle-ask"),
    ("/projects/{slug}/obstacles",            obstacle.reports,                          "obstacles"),
    ("/projects/{slug}/experiences",          experience.show_all,                       "experiences"),
    ("/projects/{slug}/experience",           experience.experience_page,                "experience"),
    ("/ask",                                  question.ask,                              "question-ask"),
    ("/projects/{slug}/declare",              adoption.start,                            "adoption"),
    ("/projects/{slug}/declare/{token}/{step}", adoption.step,                             "adoption-step"),
    ("/projects/{slug}/users/{organization}/away", adoption_removal.away,                    "adoption-away"),
    ("/projects/{slug}/help",                 contributors.contributors_page,            "contributors"),
    ("/projects/{slug}/correct",              correction.project,                        "correction"),
    ("/projects/{slug}/claim",                verification.project,                      "verification"),
    ("/projects/{slug}/keep",                 management.project,                        "project-manage"),
    ("/projects/{slug}/upload",               pictures.project_pictures,                 "project-pictures"),
    ("/organizations/{slug}/upload",          pictures.organization_pictures,            "organization-pictures"),
    ("/projects/{slug}/listing",              unlisting.unlisting_page,                  "unlisting"),
    ("/compare",                              compare_views.compare_page,                "compare"),
    ("/compare/sheet",                        sheet_pages.sheet_page,                    "sheet"),
    ("/list",                                 compare_views.list_page,                   "list"),
    ("/domains",                              content_pages.categories_page,             "domains"),
    ("/domains/{term}",                       content_pages.category_page,               "domain"),
    ("/collections/{slug}",                   content_pages.collection_page,             "collection"),
    ("/organizations",                        organization_views.organizations_page,     "organizations"),
    ("/organizations/{slug}",                 organization_views.organization_page,      "organization"),
    ("/organizations/{slug}/uses",            organization_views.adoptions_page,         "organization-adoptions"),
    ("/organizations/{slug}/projects",        organization_views.contributions_page,     "organization-projects"),
    ("/organizations/{slug}/correct",         correction.organization,                   "correction-organization"),
    ("/organizations/{slug}/claim",           verification.organization,                 "verification-organization"),
    ("/organizations/{slug}/speakers",        management.organization,                   "organization-manage"),
    ("/helpers",                              help_offers.help_offers_page,              "helpers"),
    ("/places",                               countries.countries_page,                  "countries"),
    ("/places/{country}",                     countries.country_page,                    "country"),
    ("/places/{country}/{region}",            countries.country_page,                    "region"),
    ("/calls",                                call_views.calls_page,                     "calls"),
    ("/calls/new",                            call_views.new_call_page,                  "calls-new"),
    ("/calls/{reference}",                    call_views.single_call_page,               "call"),
    ("/calls/{reference}/tend",               call_manage.manage_page,                   "call-manage"),
    ("/contact",                                obstacle.ask_operator,                         "contact"),
    ("/questions/{token}",                    question.question_page,                    "question"),
    ("/still/{token}",                        adoption_reconfirmation.reconfirmation_page, "adoption-reconfirmation"),
    ("/register",                             registration.start,                        "registration"),
    ("/register/{token}",                     registration.registration_page,            "registration-draft"),
    ("/register/{token}/{step}",              registration.question,                     "registration-question"),
    ("/declarations/{token}",                 status_page.status_page,                   "submission-status"),
    ("/proofs/{nonce}",                       verification.verification_page,            "verification-page"),
    ("/about",                                content_pages.about,                       "about"),
    ("/about/alveole",                        content_pages.alveole,                     "alveole"),
    ("/about/peers",                          peers.about,                               "about-peers"),
    ("/site-map",                             content_pages.site_map_page,               "site-map"),
    ("/statistics",                           content_pages.statistics_page,             "statistics"),
    ("/legal",                                content_pages.legal_page,                  "legal"),
    ("/accessibility",                        content_pages.accessibility_page,          "accessibility"),
    ("/help",                                 content_pages.help_page,                   "help"),
    ("/help/licenses",                        license_guide.licenses_page,               "licenses"),
    ("/help/ready",                           readiness.readiness_page,                  "readiness"),
    ("/help/api",                             api_help.api_help_page,                    "help-api"),
    ("/help/{name}",                          content_pages.guide_page,                  "guide"),
    ("/sign-in",                              sign_in.sign_in_page,                      "sign-in"),
    ("/sign-in/network",                      oidc.begin_sign_in,                        "network"),
    ("/sign-in/{token}",                      sign_in.link_page,                         "sign-in-link"),
    ("/me/questions",                         question.mine,                             "account-questions"),
    ("/me",                                   account_views.account_page,                "account"),
    ("/me/tokens",                            api_tokens.tokens_page,                    "account-api-tokens"),
    ("/me/delete",                            account_views.delete_page,                 "account-delete"),
    ("/me/data.json",                         account_views.download_data,               "account-data"),
    ("/follow/{token}",                       follows.confirm_page,                      "follow-link"),
    ("/off/{token}",                          follows.unsubscribe_page,                  "unsubscribe"),
    ("/desk",                                 desk_queue.queue_page,                     "desk"),
    ("/desk/next",                            desk_queue.following,                      "desk-next"),
    ("/desk/health",                          desk_health.health_page,                   "desk-health"),
    ("/desk/declarations/{reference}",        desk_submissions.submission_page,          "desk-submission"),
    ("/desk/joins",                           desk_merges.choose,                        "desk-merge-choose"),
    ("/desk/joins/{number}",                  desk_merges.merge_page,                    "desk-merge"),
    ("/desk/separate/{kind}/{key}",           desk_merges.separate_page,                 "desk-separate"),
    ("/desk/undo/{number}",                   log_entries.undoing,                       "desk-revert"),
    ("/desk/groups/{kind}",                   desk_groups.show,                          "desk-group"),
    ("/desk/drafts/{token}",                  desk_curation.draft_page,                  "desk-draft"),
    ("/desk/new-organization",                desk_curation.new_organization,            "desk-organization-new"),
    ("/desk/collections",                     desk_collections.overview,                 "desk-collections"),
    ("/desk/collections/{slug}",              desk_collections.collection_page,          "desk-collection"),
    ("/desk/people",                          desk_people.people_page,                   "desk-people"),
    ("/desk/peers",                           desk_peers.overview,                       "desk-peers"),
    ("/desk/peers/{slug}",                    desk_peers.peer_page,                      "desk-peer"),
    ("/desk/projects/{slug}",                 desk_records.project,                      "desk-project"),
    ("/desk/projects/{slug}/erase",           desk_erasing.erase_page,                   "desk-erase"),
    ("/desk/organizations/{slug}",            desk_records.organization,                 "desk-organization"),
    ("/desk/{number}",                        desk_records.matter,                       "desk-case"),
    ("/log",                                  desk_log.log_page,                         "log"),
]
FORMS = [  # below /{language}; what a press sends: each answers with a page or leads on
    ("/projects/{slug}/follow",               follows.begin_follow,                      "follow-send"),
    ("/projects/{slug}/blocks",               obstacle.send,                             "obstacle-send"),
    ("/projects/{slug}/obstacles/{code}",     obstacle.answer,                           "obstacle-answer"),
    ("/projects/{slug}/experience",           experience.send,                           "experience-send"),
    ("/projects/{slug}/experiences/{code}",   experience.answer,                         "experience-answer"),
    ("/ask",                                  question.send,                             "question-send"),
    ("/projects/{slug}/correct",              correction.send_project,                   "correction-send"),
    ("/projects/{slug}/claim",                verification.begin_project,                "verification-begin"),
    ("/projects/{slug}/keep",                 management.change_project,                 "project-manage-change"),
    ("/projects/{slug}/answers",              management.end_reply,                      "maintainer-reply-end"),
    ("/projects/{slug}/upload",               pictures.change_project,                   "project-pictures-change"),
    ("/organizations/{slug}/upload",          pictures.change_organization, "organization-pictures-change"),
    ("/projects/{slug}/listing",              unlisting.send,                            "unlisting-send"),
    ("/projects/{slug}/declare",              adoption.begin,                            "adoption-begin"),
    ("/projects/{slug}/declare/{token}/{step}", adoption.send,                             "adoption-step-send"),
    ("/projects/{slug}/users/{organization}/away", adoption_removal.send_away,               "adoption-away-send"),
    ("/projects/{slug}/users/{organization}", adoption_removal.change,                  "adoption-change"),
    ("/projects/{slug}/help",                 contributors.send,                         "contributors-send"),
    ("/organizations/{slug}/correct",         correction.send_organization,              "correction-send"),
    ("/organizations/{slug}/claim",           verification.begin_organization,           "verification-begin"),
    ("/organizations/{slug}/speakers",        management.change_organization,            "organization-manage-change"),
    ("/calls/new",                            call_views.send_call,                      "calls-send"),
    ("/calls/{reference}/tend",               call_manage.change_call,                   "call-manage-change"),
    ("/contact",                                obstacle.send_to_operator,                        "contact-send"),
    ("/questions/{token}",                    question.change,                           "question-change"),
    ("/still/{token}",                        adoption_reconfirmation.answer, "adoption-reconfirmation-answer"),
    ("/register",                             registration.begin,                        "registration-begin"),
    ("/register/{token}",                     registration.press,                        "registration-press"),
    ("/register/{token}/{step}",              registration.answer,                       "registration-answer"),
    ("/declarations/{token}",                 status_page.change,                        "submission-status-change"),
    ("/proofs/{nonce}",                       verification.look,                         "verification-look"),
    ("/sign-in",                              sign_in.send_link,                         "sign-in-send"),
    ("/sign-in/{token}",                      sign_in.use_link,                          "sign-in-use"),
    ("/sign-out",                             sign_in.sign_out,                          "sign-out"),
    ("/me/questions",                         question.mine_change,                      "account-questions-change"),
    ("/me",                                   account_views.change_account,              "account-change"),
    ("/me/tokens",                            api_tokens.change_tokens,                  "account-api-tokens-change"),
    ("/me/delete",                            account_views.delete_account,              "account-deleted"),
    ("/follow/{token}",                       follows.turn_on,                           "follow-confirm"),
    ("/off/{token}",                          follows.unsubscribe,                       "unsubscribe-press"),
    ("/desk/declarations/{reference}",        desk_submissions.decide,                   "desk-submission-decide"),
    ("/desk/joins",                           desk_merges.chosen,                        "desk-merge-chosen"),
    ("/desk/joins/{number}",                  desk_merges.decide,                        "desk-merge-decide"),
    ("/desk/separate/{kind}/{key}",           desk_merges.separate,                      "desk-separate-send"),
    ("/desk/undo/{number}",                   log_entries.undo,                          "desk-revert-decide"),
    ("/desk/groups/{kind}",                   desk_groups.decide,                        "desk-group-decide"),
    ("/desk/drafts/{token}",                  desk_curation.publish_draft,               "desk-draft-publish"),
    ("/desk/new-organization",                desk_curation.add_organization,            "desk-organization-add"),
    ("/desk/collections/{slug}",              desk_collections.change,                   "desk-collection-change"),
    ("/desk/people",                          desk_people.change,                        "desk-people-change"),
    ("/desk/peers/{slug}",                    desk_peers.decide,                         "desk-peer-decide"),
    ("/desk/projects/{slug}",                 desk_records.decide_project,               "desk-project-decide"),
    ("/desk/projects/{slug}/erase",           desk_erasing.erase,                        "desk-erase-send"),
    ("/desk/organizations/{slug}",            desk_records.decide_organization,          "desk-organization-decide"),
    ("/desk/{number}",                        desk_records.decide_matter,                "desk-case-decide"),
]
# fmt: on
