"""From the files and dates of a repository to what we may say of it. Pure: bytes in, facts out."""
