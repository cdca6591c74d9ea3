"""What kinds of submissions share: what each must be able to do, validation of what was typed, the fields of an
organization.
"""
