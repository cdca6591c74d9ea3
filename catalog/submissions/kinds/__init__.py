"""What people can send, a kind a module: what a submission of the kind needs, and what publishing and withdrawing it
does.
"""
