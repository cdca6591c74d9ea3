"""The upper floor: what touches the world (web, git, worker, mail). What is known lives in `catalog`."""
