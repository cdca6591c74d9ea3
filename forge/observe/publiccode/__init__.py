"""publiccode.yml of every version 0: its problems with line and sentence, and what it says of the project."""

from forge.observe.publiccode.check import Checked, Problem, check, check_references

__all__ = ["Checked", "Problem", "check", "check_references"]
