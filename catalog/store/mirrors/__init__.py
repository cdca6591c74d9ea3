"""Mirrors, their visits, and the webhooks and verification checks that hang on them."""
