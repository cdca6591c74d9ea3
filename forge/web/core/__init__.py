"""What all pages share: drawing, sessions, forms, limits, errors, caches."""
