"""Which organizations use which projects: what they said themselves, what networks and maintainers report, questions
and experiences.
"""
