"""The document that an instance loads, imported lists, and corrections that hold against both."""
