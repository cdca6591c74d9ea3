"""Everything that runs git: mirroring from hostile origins, reading, serving. Nothing else in `forge`
starts git on a repository.

`sync` writes mirrors, `upkeep` keeps them quick, `read` reads them for pages and observation, `serve` answers clones.
None of them knows the store; `refresh` conducts.
"""
