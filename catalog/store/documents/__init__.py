"""The document that an instance loads, imported lists, and declared values that override the document's."""
