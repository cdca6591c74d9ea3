"""Reads other catalogues: fetches their signed files, verifies them, hands over what was asked for. It takes over no
record itself, and whatever a peer does is a row with a reason.
"""
