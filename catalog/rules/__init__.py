"""Rules without a database, a subject a module: constants, states, permissions and decisions over values that are
passed in.
"""
