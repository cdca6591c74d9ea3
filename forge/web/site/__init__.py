"""The home page, pages of text, robots.txt and the site map."""
