"""The upper layer: HTTP, git, mail and files. Templates are beside the packages in a checkout, inside `forge` in a
wheel.
"""

from pathlib import Path

FORGE = Path(__file__).parent
TEMPLATES = next(folder for folder in (FORGE / "templates", FORGE.parent / "templates") if folder.is_dir())
