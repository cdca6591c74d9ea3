"""The tables of the database, a file a subject; `all_tables` has them in one metadata.

`core` has projects, organizations and what their records name, mirrors with their visits, facts with their history, and
jobs; `public_records` what everybody may see of a record; `adoptions` who uses a project; `calls` also obstacles,
experiences and questions; `submissions` what people send; `moderation` cases, decisions, merges and curation;
`ownership` who maintains or represents, and their uploads; `people` accounts, links, messages, tokens and the counts of
rate limits; `follows` also alerts; `federation` what other catalogues sent, and imported lists;
`publishing` what is sent to them.
"""
