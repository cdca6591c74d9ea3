"""What is known here in the formats of others: views of the store in, bytes and texts out. Pure; it serves nothing.

`software` is a project as every format tells it, `home` the catalogue that tells it and under which licenses. One
module a format; `metadata` is shared with the files that makers are offered.
"""

SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
