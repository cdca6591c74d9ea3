"""The errors of the catalogue, each with its subject as attributes. They know no HTTP status and no language."""


class CatalogError(Exception):
    """Whatever the catalogue refuses or cannot find."""


class NotFound(CatalogError):
    """No such thing: `kind` ("project"), `key` (its slug)."""

    def __init__(self, kind: str, key: str):
        super().__init__(f"no {kind} {key!r}")
        self.kind, self.key = kind, key


class Moved(CatalogError):
    """The thing has another slug now: `kind`, `key` (the former slug), `to` (the present one)."""

    def __init__(self, kind: str, key: str, to: str):
        super().__init__(f"{kind} {key!r} is now {to!r}")
        self.kind, self.key, self.to = kind, key, to


class Removed(CatalogError):
    """The thing was here and is blocked: `kind`, `key`, the public `reason`."""

    def __init__(self, kind: str, key: str, reason: str):
        super().__init__(f"{kind} {key!r} was removed: {reason}")
        self.kind, self.key, self.reason = kind, key, reason


class AlreadyExists(CatalogError):
    """Another row holds this identity: `kind`, `key`."""

    def __init__(self, kind: str, key: str):
        super().__init__(f"{kind} {key!r} exists already")
        self.kind, self.key = kind, key


class Invalid(CatalogError):
    """What was given cannot be accepted: `errors` maps each field to one sentence that says what to do."""

    def __init__(self, errors: dict[str, str]):
        super().__init__("; ".join(f"{field}: {sentence}" for field, sentence in errors.items()))
        self.errors = errors


class NotAllowed(CatalogError):
    """This person or setting may not do `what`."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what
