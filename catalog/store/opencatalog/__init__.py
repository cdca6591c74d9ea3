"""What the Open Catalog API reads and writes, a module for each of its resources. Our own records are only read.

See docs/decisions/045-open-catalog-api.md.
"""

from sqlalchemy import Engine

from catalog.store.opencatalog.analyses import Analyses
from catalog.store.opencatalog.bundles import PostedBundles
from catalog.store.opencatalog.catalogs import PostedCatalogs
from catalog.store.opencatalog.change_events import OwnEntryEvents
from catalog.store.opencatalog.events import Events
from catalog.store.opencatalog.logs import PostedLogs
from catalog.store.opencatalog.publishers import PostedPublishers
from catalog.store.opencatalog.software import PostedSoftware
from catalog.store.opencatalog.webhooks import PostedWebhooks


class Opencatalog:
    def __init__(self, engine: Engine):
        self.software = PostedSoftware(engine)
        self.publishers = PostedPublishers(engine)
        self.catalogs = PostedCatalogs(engine)
        self.bundles = PostedBundles(engine)
        self.logs = PostedLogs(engine)
        self.webhooks = PostedWebhooks(engine)
        self.analyses = Analyses(engine)
        self.events = Events(engine)
        self.entries = OwnEntryEvents(engine)
