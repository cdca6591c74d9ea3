"""What public pages read about projects and organizations, joined from many tables."""
