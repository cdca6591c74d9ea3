"""Pages, forms and interfaces over HTTP. Handlers read the store and contact no other host, save the operator's own
sign-in provider.
"""
