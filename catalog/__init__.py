"""The lower layer: data and rules, without HTTP, git or a clock."""
