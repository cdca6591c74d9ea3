"""An address as a QR code, for paper: one path of SVG. The code itself is computed by segno."""

from dataclasses import dataclass

import segno

BORDER = 4  # modules of white around it, without which readers do not find it (ISO/IEC 18004)
MAX_BYTES = 2_000  # of the 2,331 that a code with this correction takes


@dataclass(frozen=True)
class QrCode:
    """A square of `size` modules with its white border; `path` draws the dark ones."""

    size: int
    path: str


def qr_code(text: str) -> QrCode | None:
    """Make the code, with a sixth of it to spare for creases and stains; None for a text that no code would hold."""
    if len(text.encode()) > MAX_BYTES:
        return None
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False, boost_error=False).matrix]
    return QrCode(len(rows) + 2 * BORDER, "".join(_row_path(row, y + BORDER) for y, row in enumerate(rows)))


def _row_path(row: bytes, y: int) -> str:
    """Return the path of one row: runs of dark modules as rectangles of height one."""
    path, x = "", 0
    while x < len(row):
        end = x
        while end < len(row) and row[end]:
            end += 1
        path += f"M{x + BORDER} {y}h{end - x}v1h-{end - x}z" if end > x else ""
        x = max(end, x + 1)
    return path
