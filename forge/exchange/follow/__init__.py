"""Follows other catalogues: reads their signed repositories (The Update Framework 1.0) and hands over what was decided.
Whatever one of them does is a row with a reason, and what was read before stays.
"""
