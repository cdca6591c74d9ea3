"""Who maintains a project or represents an organization: verification, invitations, rechecks, and leaving the
catalogue.
"""
