"""Mirrors, their visits, and the webhooks and verification checks that belong to them."""
